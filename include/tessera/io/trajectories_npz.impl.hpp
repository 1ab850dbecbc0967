#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
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

namespace detail {
// The step at which each episode begins, and behind the last of them their number.
TESSERA_INLINE std::vector<std::int64_t> imitation_bounds(const NpzFile& file, std::int64_t steps,
                                                          std::int64_t episodes) {
  auto bounds = file.read_integers("indices");
  if (episodes == 0) npz_columns::fail(file, "terminal", "has 0 rows: the file is empty", "use a file with data");
  if (std::int64_t(bounds.size()) != episodes - 1)
    npz_columns::fail(file, "indices",
                      "holds " + std::to_string(bounds.size()) + " numbers, where " + std::to_string(episodes) +
                          " episodes ('terminal') have " + std::to_string(episodes - 1) + " bounds",
                      "write the file again");
  bounds.insert(bounds.begin(), 0), bounds.push_back(steps);
  for (std::size_t e = 0; e + 1 < bounds.size(); ++e)
    if (bounds[e + 1] <= bounds[e] || bounds[e + 1] > steps)
      npz_columns::fail(file, std::int64_t(e) + 1 < episodes ? "indices" : "acts",
                        "episode " + std::to_string(e) + " would be of the steps " + std::to_string(bounds[e]) +
                            " to " + std::to_string(bounds[e + 1]) + " of " + std::to_string(steps),
                        "write the file again");
  return bounds;
}
}  // namespace detail

TESSERA_INLINE Dataset read_imitation_npz(const NpzFile& file) {
  const auto terminal = npz_columns::read_flags(file, "terminal");
  const auto steps = npz_columns::rows_of(file, "acts"), episodes = std::int64_t(terminal.size());
  const auto bounds = detail::imitation_bounds(file, steps, episodes);
  npz_columns::require_rows(file, "obs", steps + episodes, "acts, terminal");
  if (file.exists("rews")) npz_columns::require_rows(file, "rews", steps, "acts");
  npz_columns::observation_size(file, "obs");
  file.require_numbers("acts");
  const auto is_last = [&](std::int64_t row) { return std::binary_search(bounds.begin(), bounds.end(), row + 1); };
  const bool keep = !file.limits().hand_over;
  std::optional<EpisodeLog> log;
  std::size_t e = 0;
  npz_columns::each_part(
      file, steps, is_last, npz_columns::numbers_of_row(file, {"obs", "acts", "rews"}),
      [&](const NpzFile& part, const RowWindow& window) {
        std::vector<Warning> warnings;
        // One observation more than steps of each episode.
        const auto first = e;
        const auto past = window.first + window.count;
        while (e < std::size_t(episodes) && bounds[e] < past) ++e;
        const auto states =
            file.part(steps + episodes, window.first + std::int64_t(first), window.count + std::int64_t(e - first));
        auto observations = npz_columns::read_observations(keep ? file : states, "obs", warnings);
        const auto actions = npz_columns::read_actions(part, "acts");
        std::vector<float> rewards(std::size_t(window.count), 0);
        if (file.exists("rews")) rewards = npz_columns::read_column(part, "rews");
        else
          warnings.push_back({"no-rewards", "array 'rews' is missing: all rewards are 0, which is enough to imitate"});
        const auto n = observations.size;
        if (!log) {
          log.emplace(file.path(), "imitation", actions.kind, n, actions.size);
          log->hand_over(file.limits());
          log->data().warnings = std::move(warnings);
        }
        log->data().action_size = std::max(log->data().action_size, actions.size);
        const std::span<const float> all =
            keep ? log->keep(std::move(observations.values)) : std::span<const float>(observations.values);
        for (auto i = first; i < e; ++i) {
          const auto from = bounds[i] - window.first, count = bounds[i + 1] - bounds[i];
          auto rows = detail::steps_of(actions, rewards, from, count);
          rows.observations =
              all.subspan(std::size_t((from + std::int64_t(i - first)) * n), std::size_t((count + 1) * n));
          (terminal[i] != 0 ? rows.terminated : rows.truncated) = true;
          log->add(rows);
        }
      });
  return log->finish();
}

TESSERA_INLINE bool is_sb2_npz(const NpzFile& file) {
  return file.exists("obs") && file.exists("actions") && file.exists("episode_starts");
}

TESSERA_INLINE Dataset read_sb2_npz(const NpzFile& file, sb2_ends ends) {
  npz_columns::observation_size(file, "obs");
  const auto steps = npz_columns::rows_of(file, "obs");
  for (const char* key : {"actions", "rewards", "episode_starts"}) npz_columns::require_rows(file, key, steps, "obs");
  const auto starts = npz_columns::read_all_flags(file, "episode_starts");
  const auto is_last = [&](std::int64_t row) { return row + 1 == steps || starts[std::size_t(row + 1)] != 0; };
  const bool keep = !file.limits().hand_over;
  std::optional<EpisodeLog> log;
  npz_columns::each_part(
      file, steps, is_last, npz_columns::numbers_of_row(file, {"obs", "actions", "rewards"}),
      [&](const NpzFile& part, const RowWindow& window) {
        std::vector<Warning> warnings;
        auto observations = npz_columns::read_observations(part, "obs", warnings);
        const auto actions = npz_columns::read_actions(part, "actions");
        const auto rewards = npz_columns::read_column(part, "rewards");
        const auto n = observations.size;
        if (!log) {
          log.emplace(file.path(), "sb2", actions.kind, n, actions.size);
          log->hand_over(file.limits());
          log->data().warnings = std::move(warnings);
          if (ends == sb2_ends::unknown)
            log->data().warnings.push_back(
                {"ends-not-said",
                 "the file does not say how its episodes ended: no state counts as an end, and the last step of "
                 "each is left out; where the task ended, add ?ends=terminated to the path"});
        }
        log->data().action_size = std::max(log->data().action_size, actions.size);
        const std::span<const float> all =
            keep ? log->keep(std::move(observations.values)) : std::span<const float>(observations.values);
        for (std::int64_t first = 0, row = 0; row < window.count; ++row) {
          if (!is_last(window.first + row)) continue;
          auto rows = detail::steps_of(actions, rewards, first, row + 1 - first);
          rows.observations = all.subspan(std::size_t(first * n), std::size_t((row + 1 - first) * n));
          rows.terminated = ends == sb2_ends::terminated, rows.truncated = ends == sb2_ends::truncated;
          log->add(rows);
          first = row + 1;
        }
      });
  if (!log) npz_columns::fail(file, "obs", "has 0 rows: the file is empty", "use a file with data");
  return log->finish();
}
}  // namespace tessera
