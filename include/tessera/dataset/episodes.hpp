#pragma once
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The return that orders episodes; `discounted` (0.99) favors early reward.
enum class ranking { undiscounted, discounted };

/// The transitions, ascending, of the best EPISODES by return, whether complete or not, taken from the best down while
/// they are no more than `fraction` of all transitions; one at least.  Of equal returns the earlier in the file goes
/// first.  `fraction` is in (0, 1].
std::vector<std::int64_t> top_episodes(const Dataset& data, double fraction, ranking by = ranking::undiscounted);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/episodes.impl.hpp>
#endif
