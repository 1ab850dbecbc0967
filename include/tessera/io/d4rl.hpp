#pragma once
#include <cstdint>
#include <string>

#include <tessera/dataset/same_observation.hpp>
#include <tessera/io/columns.hpp>

namespace tessera {
/// Marks as episode ends the rows whose next observation differs from the following row's observation, up to rounding.
void mark_jumps(FlatRows& rows);
/// The same, by the rounding of more observations than these rows'.
void mark_jumps(FlatRows& rows, const SameObservation& same);

/// Reserves room for the next observations behind the observations, if most of the first ones differ from the following
/// row's observation.
void reserve_for_next(const hdf5::File& file, FlatRows& rows);

struct D4rlOptions {
  std::int64_t horizon = 0;  ///< the time limit of the task, for files without 'timeouts'; 0: not known
};

/// Reads the D4RL layout: 'observations' (N, size), 'actions' (N, size), 'rewards', 'terminals',
/// 'timeouts' (N) or (N, 1), and 'next_observations' (N, size) in newer files; other keys are ignored.
///
/// Integer actions in one column are discrete.  Without 'next_observations', a row cut by a time limit gives no
/// transition, and the next observation of a terminal row is unknown (the row below it belongs to another episode).
/// With them every row gives a transition, including one cut by a time limit, unless a placeholder stands in for a
/// state that was never seen: `mark_unknown_next`.  Without 'timeouts' the cuts are found from jumps in the
/// observations if 'next_observations' is there, or set after every `horizon` rows without an end; otherwise there are
/// none.  See `assemble` for the rest.
/// Where it is handed over in pieces, what is judged by all rows is found out first, in a pass over their observations.
/// Source: Fu et al., "D4RL: Datasets for Deep Data-Driven Reinforcement Learning", 2020, and its writers.
/// Differs from the authors' `qlearning_dataset`, through which published algorithms see such files: that function
/// drops every row cut by a time limit; here such a row is used if the file holds its next observation.  Without
/// 'timeouts' it starts to count at 1 after a terminal, so that it cuts one row early; here the limit is exact.
Dataset read_d4rl(const hdf5::File& file, const D4rlOptions& options = {});

/// Writes rows in that layout, so that they are read back equal: float32, terminals and timeouts as bytes of 0 and 1,
/// discrete actions as int64.  The file appears under its name when it is whole and on the disk.  Of rows that have
/// next observations all must be known.
void write_d4rl(const std::string& path, const FlatRows& rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/d4rl.impl.hpp>
#endif
