#pragma once
#include <range/v3/view/all.hpp>
#include <range/v3/view/iota.hpp>
#include <range/v3/view/transform.hpp>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// The indices of one episode's transitions, in time order; empty if the episode has none.
inline auto transitions_of(const Episode& episode) {
  return ranges::views::iota(episode.first, episode.first + episode.transitions);
}

/// One range of transition indices per episode, in file order.  A view: `data` must outlive it.
inline auto episode_views(const Dataset& data) {
  return ranges::views::all(data.episodes) | ranges::views::transform(transitions_of);
}
void episode_views(const Dataset&&) = delete;
}  // namespace tessera
