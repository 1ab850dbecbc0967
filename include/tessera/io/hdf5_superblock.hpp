#pragma once
#include <cstdint>

#include <tessera/io/regular_file.hpp>
#include <tessera/support/error.hpp>

namespace tessera::hdf5 {
/// Where the parts of an HDF5 file begin, according to its first bytes.
struct Superblock {
  unsigned version = 0;
  std::uint64_t end = 0, root = 0;  ///< of the file when it was closed; address of the root group's object header
};

/// Reads the first bytes of an HDF5 file and checks everything in them before libhdf5 is called, which trusts some of
/// it.
/// Source: HDF5 File Format Specification 3.0, section II.A.
Superblock read_superblock(const RegularFile& file);
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_superblock.impl.hpp>
#endif
