#pragma once
#include <vector>

#include <tessera/io/columns.hpp>

namespace tessera {
/// Repairs two inconsistencies between 'terminals' and 'episode_terminals' in published files, and warns.
///
/// A terminal row directly before the row that ends the episode with a terminal is one flag written twice: the state of
/// the earlier row is not an end, so its flag is cleared.  Any other terminal row inside an episode ends it there.
void reconcile_ends(FlatRows& rows, const std::vector<std::uint8_t>& episode_ends);

/// Reads version 1 of d3rlpy's HDF5 layout: 'observations' (N, size), 'actions' (N, size) floats or (N)
/// indices, 'rewards', 'terminals', 'episode_terminals' (N), and the scalar 'discrete_action'.
///
/// The layout has no final observations.  The last row of an episode cut by a time limit (`episode_terminals` without
/// `terminals`) gives no transition; that of a terminated one is kept, with its next observation unknown.  See
/// `reconcile_ends` and `assemble` for what is changed and reported.
/// Source: Seno, Imai, "d3rlpy: An Offline Deep Reinforcement Learning Library", 2022, and its writers.
Dataset read_d3rlpy(const hdf5::File& file);

/// Reads version 2.1 of the layout, which `ReplayBuffer.dump` writes; `read_d3rlpy` recognizes it.  'num_episodes', and
/// of each episode i 'observations_i' (T, size), 'actions_i' (T, size) floats or (T, 1) indices, 'rewards_i' (T, 1) and
/// the scalar 'terminated_i'.  An observation of several parts, 'observations_i_j', is one vector with the columns
/// "j[k]"; pictures are flattened.
///
/// There are no final observations: of an episode that was cut the last step is not used, as by d3rlpy; that of a
/// terminated one is kept, with its next observation unknown.
/// Source: d3rlpy 2.8's dataset/io.py.
Dataset read_d3rlpy_2(const hdf5::File& file);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/d3rlpy.impl.hpp>
#endif
