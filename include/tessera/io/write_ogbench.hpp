#pragma once
#include <string>

#include <tessera/io/write_parts.hpp>

namespace tessera {
/// Writes a data set in OGBench's layout, a compressed .npz file: 'observations' float32, 'actions' float32 (N, size)
/// or int32 (N), and 'terminals' bool, where an episode of T steps has T + 1 rows, of which the last one holds its last
/// observation, a meaningless action, and the terminal: the end of the trajectory for whatever reason.
///
/// OGBench's own files have no rewards; here 'rewards' and 'masks' float32 (N) hold them and where a task ended (masks
/// of 0), by the names that OGBench gives them in memory.  Its loader passes over them unless it is asked for all
/// arrays.
///
/// Returns what the layout does not hold.  The file appears under its name when it is whole and on the disk.
Losses write_ogbench(const std::string& path, const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_ogbench.impl.hpp>
#endif
