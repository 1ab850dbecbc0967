#pragma once
#include <cstdint>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// A part of a data set that fits into so many bytes of memory, to look for what is odd in it: runs of episodes that
/// follow each other, spread evenly over the log, the same each time.  Where one episode alone is too long its first
/// steps are taken.  The limits of actions, the spaces and the task are those of the whole.
Dataset episodes_within(const Dataset& data, std::uint64_t bytes);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/episodes_within.impl.hpp>
#endif
