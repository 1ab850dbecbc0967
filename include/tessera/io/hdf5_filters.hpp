#pragma once
#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Unpacking chunks of HDF5 data sets into no more memory than their extents need, which libhdf5's own deflate does not
/// care for.
namespace tessera::hdf5 {
/// One step of what was done to a chunk when it was written.
struct Filter {
  H5Z_filter_t id = H5Z_FILTER_NONE;
  std::size_t element = 0;  ///< of shuffle: bytes of an element
};

/// The name that a filter goes by.
std::string filter_name(H5Z_filter_t id);

/// How many bytes one packed byte may at most become: deflate's longest match is 258 bytes in two bits.  0: not known.
double densest(H5Z_filter_t id);

namespace detail {
using Bytes = std::vector<unsigned char>;

// Fletcher's checksum over 16-bit big-endian words, as HDF5 has it.
std::uint32_t fletcher32(const Bytes& bytes, std::size_t size);

bool inflate_to(const Bytes& packed, Bytes& plain, std::size_t max);

void unshuffle(Bytes& bytes, Bytes& scratch, std::size_t element);
}  // namespace detail

/// Undoes `filters`, but for those in `skipped` (bit i for filter i), on the bytes of a chunk that has `size` of them
/// when it is plain.  `scratch` is memory to work in.  False where that does not give exactly so many.
bool unpack_chunk(std::vector<unsigned char>& bytes, std::vector<unsigned char>& scratch,
                  const std::vector<Filter>& filters, std::uint32_t skipped, std::size_t size);
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_filters.impl.hpp>
#endif
