#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/dataset/episodes_within.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Dataset episodes_within(const Dataset& data, std::uint64_t bytes) {
  const auto n = data.observation_size, d = data.kind == action_kind::discrete ? 2 : data.action_size;
  // In the data set, and while an episode is copied into it.
  const auto of_one = std::uint64_t(4 * (3 * n + 2 * d + 16));
  const auto rows = std::int64_t(std::clamp<std::uint64_t>(bytes / of_one, 1, std::uint64_t(1) << 48));
  constexpr std::int64_t runs = 16;
  std::vector<std::size_t> chosen;
  if (rows >= data.size()) {
    for (std::size_t e = 0; e < data.episodes.size(); ++e) chosen.push_back(e);
  } else {
    for (std::int64_t r = 0; r < runs; ++r) {
      const auto at = data.size() / runs * r;
      auto e = std::size_t(std::upper_bound(data.episodes.begin(), data.episodes.end(), at,
                                            [](std::int64_t i, const Episode& x) { return i < x.first; }) -
                           data.episodes.begin()) -
               1;
      if (!chosen.empty()) e = std::max(e, chosen.back() + 1);
      std::int64_t taken = 0;
      for (; e < data.episodes.size() && taken + data.episodes[e].transitions <= rows / runs; ++e)
        taken += data.episodes[e].transitions, chosen.push_back(e);
    }
    if (chosen.empty()) chosen.push_back(0);
  }
  EpisodeLog log(data.name, data.format, data.kind, n, data.action_size);
  RowReader from(data);
  std::vector<float> x, after, a, r, propensities;
  std::vector<std::int64_t> indices;
  std::vector<std::uint8_t> ends;
  std::vector<Episode> whole;
  for (const auto e : chosen) {
    auto episode = data.episodes[e];
    if (episode.transitions == 0) continue;
    const bool cut = episode.transitions > rows;
    if (cut) episode.transitions = episode.rows = rows, episode.complete = false;
    x.clear(), after.clear(), a.clear(), r.clear(), propensities.clear(), indices.clear(), ends.clear();
    const auto last = episode.first + episode.transitions - 1;
    for (auto i = episode.first; i <= last; ++i) {
      x.insert(x.end(), from.observation(i), from.observation(i) + n);
      after.insert(after.end(), from.next_observation(i), from.next_observation(i) + n);
      if (data.kind == action_kind::discrete) indices.push_back(from.action_index(i));
      else a.insert(a.end(), from.action(i), from.action(i) + d);
      r.push_back(*from.reward(i)), ends.push_back(from.terminal(i));
      if (data.has_propensities()) propensities.push_back(*from.propensity(i));
    }
    const bool known = from.knows_next(last), timeout = from.timeout(last);
    // That it is not known where the last step led can be said where all others lead to the next one.
    if (!known && std::equal(x.begin() + n, x.end(), after.begin())) after.clear();
    log.add({.observations = x,
             .actions = a,
             .action_indices = indices,
             .rewards = r,
             .next_observations = after,
             .terminals = ends,
             .propensities = propensities,
             .truncated = !cut && timeout});
    if (!cut) log.data().timeouts.back() = timeout;
    episode.first = log.data().episodes.back().first;
    whole.push_back(episode);
  }
  auto out = log.finish();
  out.episodes = std::move(whole);
  out.limits_from = data.limits_from, out.action_low = data.action_low, out.action_high = data.action_high;
  out.spaces = data.spaces, out.task = data.task, out.warnings = data.warnings;
  return out;
}
}  // namespace tessera
