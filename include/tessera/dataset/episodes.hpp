#pragma once
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The return that ranks episodes; `discounted` (0.99) favors early rewards.
enum class ranking { undiscounted, discounted };

/// The transitions, in ascending order, of the best EPISODES by return, whether complete or not: episodes are taken in
/// order of return while they hold no more than `fraction` of all transitions, but at least one is.  Of equal returns
/// the one that is earlier in the file comes first.  `fraction` is in (0, 1].
std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction, ranking by = ranking::undiscounted);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/episodes.impl.hpp>
#endif
