#pragma once
// The commands that let a trained policy act and keep what happens, as they were typed.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>

namespace tessera::cli {
struct CollectCommand {
  std::string run, env, out, mix, device = "cpu";
  std::int64_t episodes = 100;
  double noise = 0;
  std::uint64_t seed = 0;
  int horizon = 0, threads = 0;
  bool overwrite = false, experience = false, explore = false;
  std::vector<std::string> given{};  ///< flags that were typed
  Reading reading;
};
struct RolloutCommand {
  std::string run, env, plot, device = "cpu";
  std::int64_t episodes = 10;
  std::int64_t frames = 0;  ///< of the first episode, as the environment is seen; 0: curves of all are drawn
  std::uint64_t seed = 0;
  int horizon = 0, threads = 0;
  Reading reading;
};

/// A run that acts in a share of the episodes.
struct MixedRun {
  std::string run;
  double weight = 1;
};
/// The command's own run, of weight 1, and those of --mix, "DIR:WEIGHT,DIR:WEIGHT".  Throws Error for what is no such
/// list.
std::vector<MixedRun> mixed_runs(const CollectCommand& c);
/// Of each episode which run acts in it.  At any point of the list each has had its share, to less than one episode.
std::vector<std::size_t> shared_out(const std::vector<MixedRun>& runs, std::int64_t episodes);

/// FILE.png as a picture's name without its ending, and the ending.  Throws Error for other endings.
std::pair<std::string, std::string> picture_name(const std::string& plot);

/// FILE.png or FILE.gif, for frames: "png" or "gif".  Throws Error for other endings.
std::string film_format(const std::string& plot);
/// Which steps of an episode of so many steps are shown in so many frames: the first and the last, and between them at
/// equal distances; no more than there are.
std::vector<std::int64_t> shown_steps(std::int64_t frames, std::int64_t steps);

/// As those in front.hpp.
void refuse(const CollectCommand& c);
void refuse(const RolloutCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/collect_commands.hpp>
#endif
