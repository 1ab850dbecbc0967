#pragma once
#include <string>

#include <tessera/io/write_parts.hpp>

namespace tessera {
/// Writes a data set as `ReplayBuffer.dump` of d3rlpy 2 does (version "2.1" of its layout): 'observations_I' (T, size),
/// 'actions_I' (T, size) or int64 (T, 1), 'rewards_I' (T, 1) and 'terminated_I' of each episode I, 'columns',
/// 'num_episodes' and 'version'.
///
/// The layout has no final observations, and d3rlpy makes no transition of the last step of an episode that was cut.
/// So that none is lost, where a cut episode led is written as one more step of it, with action 0 and reward 0, which
/// is never used; where a terminated one led is not held.
///
/// Returns what the layout does not hold.  The file appears under its name when it is whole and on the disk.
Losses write_d3rlpy(const std::string& path, const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_d3rlpy.impl.hpp>
#endif
