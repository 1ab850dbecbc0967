#pragma once
#include <string>

#include <tessera/io/d4rl.hpp>
#include <tessera/io/write_parts.hpp>

namespace tessera {
/// Writes a data set in D4RL's layout, one row for each transition, with 'next_observations', so that `read_d4rl` gives
/// it back: what it learns from is equal to the bit.  Where it is unknown where terminals led, their own observation
/// stands in, which `mark_unknown_next` finds again; if that is so of every end, 'next_observations' is left out.
///
/// Returns what the layout does not hold.  The file appears under its name when it is whole and on the disk.
Losses write_d4rl(const std::string& path, const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_d4rl.impl.hpp>
#endif
