#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/io/npz_columns.hpp>
#include <tessera/io/trajectories_npz.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
template <class T>
std::span<const T> rows_of(const std::vector<T>& all, std::int64_t first, std::int64_t count, std::int64_t width) {
  return std::span(all).subspan(std::size_t(first * width), std::size_t(count * width));
}
// An episode of `steps` steps from row `first` of the actions and rewards.
TESSERA_INLINE EpisodeRows steps_of(const npz_columns::Actions& actions, const std::vector<float>& rewards,
                                    std::int64_t first, std::int64_t steps) {
  EpisodeRows out{.rewards = rows_of(rewards, first, steps, 1)};
  if (actions.kind == action_kind::discrete) out.action_indices = rows_of(actions.indices, first, steps, 1);
  else out.actions = rows_of(actions.values, first, steps, actions.size);
  return out;
}
}  // namespace detail

TESSERA_INLINE bool is_imitation_npz(const NpzFile& file) {
  return file.exists("obs") && file.exists("acts") && file.exists("indices") && file.exists("terminal");
}

TESSERA_INLINE Dataset read_imitation_npz(const NpzFile& file) {
  std::vector<Warning> warnings;
  auto observations = npz_columns::read_observations(file, "obs", warnings);
  const auto actions = npz_columns::read_actions(file, "acts");
  const auto terminal = npz_columns::read_flags(file, "terminal");
  const auto begins = file.read_integers("indices");
  const auto steps = npz_columns::rows_of(file, "acts"), episodes = std::int64_t(terminal.size());
  if (episodes == 0) npz_columns::fail(file, "terminal", "has 0 rows: the file is empty", "use a file with data");
  if (std::int64_t(begins.size()) != episodes - 1)
    npz_columns::fail(file, "indices",
                      "holds " + std::to_string(begins.size()) + " numbers, where " + std::to_string(episodes) +
                          " episodes ('terminal') have " + std::to_string(episodes - 1) + " bounds",
                      "write the file again");
  npz_columns::require_rows(file, "obs", steps + episodes, "acts, terminal");
  std::vector<float> rewards(std::size_t(steps), 0);
  if (file.exists("rews")) {
    npz_columns::require_rows(file, "rews", steps, "acts");
    rewards = npz_columns::read_column(file, "rews");
  } else {
    warnings.push_back({"no-rewards", "array 'rews' is missing: all rewards are 0, which is enough to imitate"});
  }
  EpisodeLog log(file.path(), "imitation", actions.kind, observations.size, actions.size);
  log.data().warnings = std::move(warnings);
  const auto n = observations.size;
  const auto all = log.keep(std::move(observations.values));
  for (std::int64_t e = 0, first = 0; e < episodes; ++e) {
    const auto past = e + 1 < episodes ? begins[std::size_t(e)] : steps;
    if (past <= first || past > steps)
      npz_columns::fail(file, e + 1 < episodes ? "indices" : "acts",
                        "episode " + std::to_string(e) + " would be of the steps " + std::to_string(first) + " to " +
                            std::to_string(past) + " of " + std::to_string(steps),
                        "write the file again");
    auto rows = detail::steps_of(actions, rewards, first, past - first);
    rows.observations = all.subspan(std::size_t((first + e) * n), std::size_t((past - first + 1) * n));
    (terminal[std::size_t(e)] != 0 ? rows.terminated : rows.truncated) = true;
    log.add(rows);
    first = past;
  }
  return log.finish();
}

TESSERA_INLINE bool is_sb2_npz(const NpzFile& file) {
  return file.exists("obs") && file.exists("actions") && file.exists("episode_starts");
}

TESSERA_INLINE Dataset read_sb2_npz(const NpzFile& file, sb2_ends ends) {
  std::vector<Warning> warnings;
  auto observations = npz_columns::read_observations(file, "obs", warnings);
  const auto actions = npz_columns::read_actions(file, "actions");
  const auto steps = npz_columns::rows_of(file, "obs"), n = observations.size;
  for (const char* key : {"actions", "rewards", "episode_starts"}) npz_columns::require_rows(file, key, steps, "obs");
  const auto rewards = npz_columns::read_column(file, "rewards");
  const auto starts = npz_columns::read_flags(file, "episode_starts");
  EpisodeLog log(file.path(), "sb2", actions.kind, n, actions.size);
  log.data().warnings = std::move(warnings);
  if (ends == sb2_ends::unknown)
    log.data().warnings.push_back(
        {"ends-not-said",
         "the file does not say how its episodes ended: no state counts as an end, and the last step of "
         "each is left out; where the task ended, add ?ends=terminated to the path"});
  const auto all = log.keep(std::move(observations.values));
  for (std::int64_t first = 0, row = 0; row < steps; ++row) {
    if (row + 1 < steps && starts[std::size_t(row + 1)] == 0) continue;
    auto rows = detail::steps_of(actions, rewards, first, row + 1 - first);
    rows.observations = all.subspan(std::size_t(first * n), std::size_t((row + 1 - first) * n));
    rows.terminated = ends == sb2_ends::terminated, rows.truncated = ends == sb2_ends::truncated;
    log.add(rows);
    first = row + 1;
  }
  return log.finish();
}
}  // namespace tessera
