#pragma once
#include <range/v3/action/sort.hpp>
#include <range/v3/algorithm/stable_sort.hpp>
#include <range/v3/functional/comparisons.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/join.hpp>
#include <range/v3/view/take.hpp>
#include <range/v3/view/transform.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/episode_views.hpp>
#include <tessera/dataset/episodes.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction, ranking by) {
  if (!(fraction > 0 && fraction <= 1))
    throw Error("top episodes: the fraction is " + std::to_string(fraction) + "; it must be above 0 and at most 1");
  auto ranked = data.episodes;
  const auto value = by == ranking::discounted ? &Episode::discounted_return : &Episode::episode_return;
  ranges::stable_sort(ranked, ranges::greater{}, value);
  std::int64_t all = 0, taken = 0;
  for (const auto& episode : ranked) all += episode.transitions;
  // Slightly more, because 0.29 * 100 is less than 29 in binary.
  const double max = fraction * static_cast<double>(all) * (1 + 1e-9);
  const auto fits = [&](const Episode& episode) {
    const bool first = taken == 0;
    taken += episode.transitions;
    return first || static_cast<double>(taken) <= max;
  };
  const auto last = std::find_if_not(ranked.begin(), ranked.end(), fits);
  return ranked | ranges::views::take(last - ranked.begin()) | ranges::views::transform(transitions_of) |
         ranges::views::join | ranges::to<std::vector>() | ranges::actions::sort;
}
}  // namespace tessera
