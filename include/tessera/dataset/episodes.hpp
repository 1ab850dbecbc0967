#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The return that ranks episodes; `discounted` (0.99) favors early rewards.
enum class ranking { undiscounted, discounted };

namespace detail {
/// An Error, unless the fraction is in (0, 1].
void require_fraction(double fraction);
}  // namespace detail

/// Which of the episodes are the best by return, whether complete or not, in ascending order: episodes are taken in
/// order of return while they hold no more than `fraction` of all their transitions, but at least one that has any is.
/// Of equal returns the one that comes earlier is first.  `fraction` is in (0, 1].
std::vector<std::size_t> best_episodes(const std::vector<Episode>& episodes, double fraction,
                                       ranking by = ranking::undiscounted);

/// The transitions of the best episodes of a data set, in ascending order.
std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction, ranking by = ranking::undiscounted);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/episodes.impl.hpp>
#endif
