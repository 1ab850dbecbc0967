#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_folder.hpp>

namespace tessera::cli {
/// "OUT/seed-3"
std::string seed_folder(const std::string& out, std::uint64_t seed);
/// A setting as part of a folder's name: "actor.beta=3", "policy.net.hidden=64x64".
std::string setting_label(const std::string& setting);
/// The name of a run of a grid, "actor.beta=3,seed-0"; without a setting "seed-0".
std::string run_name(const std::vector<std::string>& settings, std::uint64_t seed);

/// A run of a group (`train --seeds`, `--grid`, `sweep`), and what it has come to, as its folder tells.
struct SeedRun {
  std::uint64_t seed = 0;
  std::string folder;
  bool saved = false, finished = false;
  std::string error{};
  std::int64_t updates = 0;
  std::vector<Row> rows{};
  RunConfig config{};
  std::vector<std::string> settings{};  ///< of a grid, KEY=VALUE
  std::size_t group = 0;                ///< which of its settings

  const Row* last() const;           ///< the row of the last evaluation, or null
  const Row* last_estimate() const;  ///< likewise of the last estimate
  /// What its group knows it by: its setting, for people; both of them, likewise; in config.json.
  std::string setting() const;
  std::string label() const;
  std::string key() const;
  /// Its folder's name: of seed 3 "seed-3".
  std::string name() const { return run_name(settings, seed); }
  /// Looks into its folder.  `replaced`: the hash of the checkpoint there that is not its own, or "".  `given`: what it
  /// is to reach (--steps, --online-steps, --patience), where that was given anew.
  void look(const std::string& replaced, const TrainCommand& given);
};

/// The seeds that --seeds names: "0:5" are 0 to 4, "0,3,7" these three; both may be mixed.  Throws an Error for another
/// text, an empty range, a seed that is there twice, and more than 1000 seeds.
std::vector<std::uint64_t> seeds_of(const std::string& text);

/// The settings that --grid names, KEY=VALUE of each list: every combination, the last list's values next to each
/// other.  Throws an Error for another text, a value or a key that is there twice, and more than 1000 combinations.
std::vector<std::vector<std::string>> settings_of_grid(const std::vector<std::string>& grid);

/// Every setting of a group: each of its draws, if there are any, with every combination of its grid.
std::vector<std::vector<std::string>> settings_of_group(const std::vector<std::string>& grid,
                                                        const std::vector<std::vector<std::string>>& draws);
/// The runs of a group in a folder, in order.
std::vector<SeedRun> runs_of_group(const std::string& out, const SeedsConfig& config);
/// The hash of a file's bytes, as text.
std::string hash_of_file(const std::string& path);

/// A command with --seeds or --grid, checked, and the words that make one of its runs.
struct SeedsCommand {
  TrainCommand command;
  std::vector<std::string> flags;    ///< as typed, "--NAME=VALUE", except those that each run has of its own
  std::vector<std::string> lasting;  ///< the same in a form that means the same in any folder
};

/// Whether a folder holds the runs of several seeds, and of which, as --seeds takes them.
bool holds_seeds(const std::string& folder);
std::string seeds_in(const std::string& folder);
/// Whether these are of several settings as well.
bool holds_grid(const std::string& folder);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/seed_run.hpp>
#endif
