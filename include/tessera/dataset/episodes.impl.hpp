#pragma once
#include <range/v3/action/sort.hpp>
#include <range/v3/algorithm/stable_sort.hpp>
#include <range/v3/functional/comparisons.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episodes.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE void detail::require_fraction(double fraction) {
  if (!(fraction > 0 && fraction <= 1))
    throw Error("top episodes: the fraction is " + std::to_string(fraction) + "; it must be above 0 and at most 1");
}

TESSERA_INLINE std::vector<std::size_t> best_episodes(const std::vector<Episode>& episodes, double fraction,
                                                      ranking by) {
  detail::require_fraction(fraction);
  std::vector<std::size_t> ranked(episodes.size());
  std::iota(ranked.begin(), ranked.end(), std::size_t{0});
  const auto value = by == ranking::discounted ? &Episode::discounted_return : &Episode::episode_return;
  ranges::stable_sort(ranked, ranges::greater{}, [&](std::size_t e) { return episodes[e].*value; });
  std::int64_t all = 0, taken = 0;
  for (const auto& episode : episodes) all += episode.transitions;
  // Slightly more, because 0.29 * 100 is less than 29 in binary.
  const double max = fraction * static_cast<double>(all) * (1 + 1e-9);
  const auto fits = [&](std::size_t e) {
    const bool first = taken == 0;
    taken += episodes[e].transitions;
    return first || static_cast<double>(taken) <= max;
  };
  ranked.erase(std::find_if_not(ranked.begin(), ranked.end(), fits), ranked.end());
  return ranges::actions::sort(std::move(ranked));
}

TESSERA_INLINE std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction, ranking by) {
  std::vector<std::int64_t> out;
  for (const auto e : best_episodes(data.episodes, fraction, by))
    for (std::int64_t k = 0; k < data.episodes[e].transitions; ++k) out.push_back(data.episodes[e].first + k);
  return ranges::actions::sort(std::move(out));
}
}  // namespace tessera
