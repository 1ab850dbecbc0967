#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <range/v3/action/sort.hpp>
#include <range/v3/algorithm/stable_sort.hpp>
#include <range/v3/functional/comparisons.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/all.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/join.hpp>
#include <range/v3/view/take.hpp>
#include <range/v3/view/transform.hpp>
#include <string>
#include <vector>

#include <tessera/data/dataset.hpp>
#include <tessera/data/error.hpp>

namespace tessera {
/// The indices of one episode's transitions, in time order; empty when the episode gave none.
inline auto transitions_of(const Episode& episode) {
  return ranges::views::iota(episode.first, episode.first + episode.transitions);
}

/// One range of transition indices per episode, in file order.  A view: `data` must outlive it.
inline auto episode_views(const Dataset& data) {
  return ranges::views::all(data.episodes) | ranges::views::transform(transitions_of);
}
void episode_views(const Dataset&&) = delete;

/// What orders episodes; `discounted` (0.99) favours reward that comes early.
enum class ranking { undiscounted, discounted };

/// The transitions, ascending, of the best EPISODES by return, whether complete or not, taken from the best down while they are no more
/// than `fraction` of all transitions; one at least.  Of equal returns the earlier in the file goes first.  `fraction` is in (0, 1].
inline std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction,
                                              ranking by = ranking::undiscounted) {
  if (!(fraction > 0 && fraction <= 1))
    throw Error("top episodes: the fraction is " + std::to_string(fraction) +
                "; it must be above 0 and at most 1");
  auto ranked = data.episodes;
  const auto value = by == ranking::discounted ? &Episode::discounted_return : &Episode::episode_return;
  ranges::stable_sort(ranked, ranges::greater{}, value);
  std::int64_t all = 0, taken = 0;
  for (const auto& episode : ranked) all += episode.transitions;
  // A little over: 0.29 * 100 is below 29 in binary.
  const double most = fraction * static_cast<double>(all) * (1 + 1e-9);
  const auto fits = [&](const Episode& episode) {
    const bool first = taken == 0;
    taken += episode.transitions;
    return first || static_cast<double>(taken) <= most;
  };
  const auto last = std::find_if_not(ranked.begin(), ranked.end(), fits);
  return ranked | ranges::views::take(last - ranked.begin()) | ranges::views::transform(transitions_of) |
         ranges::views::join | ranges::to<std::vector>() | ranges::actions::sort;
}
}  // namespace tessera
