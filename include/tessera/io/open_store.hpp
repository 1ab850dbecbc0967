#pragma once
#include <cstdint>
#include <string>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// The data set of a store whose transitions stay on the disk (`Dataset::on_disk`), to learn from: they are read
/// through the files, not through memory maps, so that what the program holds of them is what it has asked for.  All
/// is read once and checked.  The columns with the shortest entries are kept in memory, as far as `memory` bytes allow,
/// which the lists of what is learned from count against; the rest is read batch by batch.  Agents learn to the bit
/// what they learn from `Store::dataset`.
Dataset open_store(const std::string& path, std::uint64_t memory, const ReadLimits& limits = {});
/// The same with nothing of its columns in memory.
Dataset store_on_disk(const std::string& path, const ReadLimits& limits = {});
/// The bytes that the data set of a store and the replay buffer made of it take in memory.
std::uint64_t bytes_in_memory(const std::string& path);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/open_store.impl.hpp>
#endif
