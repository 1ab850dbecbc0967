#pragma once
#include <tessera/cli/json.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>

namespace tessera::cli {
/// All that `inspect --json` says of a data set, with exact numbers: those of float32 as the doubles that they are.
///   episodes, steps              how many; steps counts every stored step, as `Episode::rows` does
///   transition_count             how many steps gave a transition
///   episode_lengths, episode_returns, episode_end   of each episode: "terminated", "truncated", or "none" where the
///                                log breaks off
///   terminations, truncations    how many terminals there are, also before the end of an episode, and how many
///                                episodes were cut
///   columns                      of observation, next_observation, action and reward: over how many rows they are
///                                known, and mean, std (of the population), min and max of each number
///   transitions                  the first and last transition of the first, second and last episode that has any
///   spaces, task                 as far as they are known: see `spaces_json`
///   warnings                     what the reader noticed
json inspect_json(const Dataset& data);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/inspect_json.hpp>
#endif
