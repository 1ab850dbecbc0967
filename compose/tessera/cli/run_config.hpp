#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/score.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/spaces.hpp>
#include <tessera/dataset/statistics.hpp>

namespace tessera::cli {
/// Identifies the data that a run learns from, so that a resumed run can detect other data.
struct RunData {
  std::string hash;  ///< content_hash
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0, action_size = 0, transitions = 0, episodes = 0;
  /// What the policy's inputs and outputs are called, their bounds and labels, as far as the data say; no part of the
  /// hash.  The names are printable.
  LogSpaces spaces{};
  std::optional<Spread> returns{};  ///< of its episodes, undiscounted; runs of earlier versions have none
};
RunData run_data(const Dataset& data);
/// The differences, in words; empty if there are none.  `now` is the current data.
std::string difference(const RunData& now, const RunData& then);
/// How the names of observations or actions differ, in words; empty if they do not, or if one of both has none.
std::string names_difference(const LogSpaces& now, const LogSpaces& then);

/// What the rounding of a run's numbers depends on, apart from its settings.
struct RunPlatform {
  std::int64_t threads = 0;
  std::string device, product, libtorch;  ///< product: the matrix-product library, and the kernels it chose
  std::string version{}, build{};         ///< of this library, and the compiler of it; "": an earlier version's
  std::int64_t ranks = 1;                 ///< processes that train it together, each with so many threads
};

/// The contents of config.json.
struct RunConfig {
  TrainCommand command{};  ///< the fields that determine a run
  RunData data{};
  RunPlatform platform{};
  json parameters{};  ///< of the agent, from key to text
  /// The model and its buffer, if the run has them; the action limits; what was chosen for the data: in the form in
  /// which they are written.
  json imagined{}, action_limits{}, chosen{};
  std::optional<RunScore> score{};  ///< what its scores are measured between, if anything is known
  json findings{};                  ///< what was noticed in the data: name and message; null: an earlier version's run
  std::string followed_on{};        ///< content_hash of the data that the policy is judged by, where they are others
};

/// The text of a config.json.
std::string config_text(const RunConfig& config);
/// Throws an Error, with the file, the key and what is wrong with it, if the text is not one that `config_text` writes.
/// The text is untrusted: nothing in it is assumed to be in range, or printable.
RunConfig read_run_config(const std::string& path, const std::string& text);
/// The contents of the config.json of a folder that holds the runs of several seeds.
struct SeedsConfig {
  std::string seeds;    ///< as --seeds takes them
  std::string command;  ///< of which each run is one: "train" or "finetune"
  std::string run;      ///< what `finetune` goes on from
  /// The other words of the command, "--NAME=VALUE" or "--NAME", with paths from the root on; without the seed, the
  /// number of threads and the folder, which each run has of its own.
  std::vector<std::string> flags;
  /// Where it replaces other runs: the hash of the checkpoint that a folder held before, from its seed as text, or, of
  /// a grid, from the folder's name.
  std::map<std::string, std::string> replaced{};
  std::vector<std::string> grid{};                ///< as --grid takes them
  std::vector<std::vector<std::string>> draws{};  ///< settings that a sweep has drawn, each with all of the grid
};
std::string seeds_config_text(const SeedsConfig& config);
/// As `read_run_config`.
SeedsConfig read_seeds_config(const std::string& path, const std::string& text);
bool is_seeds_config(const std::string& text);
/// Whether such a text is of several settings.
bool has_grid(const std::string& text);

/// Whether a text looks like a run's config.json, even one of an earlier version or with a mistake in it.
bool is_run_config(const std::string& text);
/// The same for a dynamics model's.
bool is_model_config(const std::string& text);

/// The name of a data set or an environment as seen from any other folder; names that are not paths are returned
/// unchanged.
std::string absolute_dataset(const std::string& name);
std::string absolute_environment(const std::string& name);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/run_config.hpp>
#endif
