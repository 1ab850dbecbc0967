#pragma once
#include <cstdint>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// Cuts every episode that is longer than `length` rows into pieces of that length: for the log of a task with a known
/// time limit whose truncations are not marked.  The step before a cut led to a state that the next row does not show,
/// because there the next episode began: it gives no transition unless it has a next observation of its own.
Dataset cut_episodes(Dataset data, std::int64_t length);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/cut_episodes.impl.hpp>
#endif
