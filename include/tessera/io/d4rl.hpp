#pragma once
#include <string>

#include <tessera/io/columns.hpp>

namespace tessera {
/// Marks as episode ends the rows whose next observation is not where the following row starts, up to rounding.
void mark_jumps(FlatRows& rows);

/// Makes room for next observations behind the observations, where most of the first are their own and not the
/// following row's.
void reserve_for_next(const hdf5::File& file, FlatRows& rows);

/// Reads the D4RL layout: 'observations' (N, size), 'actions' (N, size), 'rewards', 'terminals',
/// 'timeouts' (N) or (N, 1), and 'next_observations' (N, size) in newer files; other keys are ignored.
///
/// Integer actions in one column are discrete.  Without 'next_observations' a row cut by a time limit
/// gives no transition, and of a terminal row the next observation is not known (the row below it belongs
/// to another episode).  With them every row gives a transition, one cut by a time limit too, but where
/// something stands in for what was never seen: `mark_unknown_next`.  Without 'timeouts' the cuts are found
/// from jumps of the observations if 'next_observations' is there, and not at all if not.  See `assemble`
/// for the rest.
/// Source: Fu et al., "D4RL: Datasets for Deep Data-Driven Reinforcement Learning", 2020, and its writers.
/// Differs from the authors' `qlearning_dataset`, through which published algorithms see such files: that
/// drops every row cut by a time limit, here one whose next observation the file holds is learned from.
Dataset read_d4rl(const hdf5::File& file);

/// Writes rows in that layout, so that they are read back equal: float32, terminals and timeouts as bytes of 0 and 1,
/// discrete actions as int64.  The file appears under its name when it is whole and on the disk.  Of rows that have
/// next observations all must be known.
void write_d4rl(const std::string& path, const FlatRows& rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/d4rl.impl.hpp>
#endif
