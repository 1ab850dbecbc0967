#pragma once
#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Unpacks chunks of HDF5 data sets into no more memory than their extents need; libhdf5's own deflate has no such
/// bound.
namespace tessera::hdf5 {
/// One step of the pipeline that was applied to a chunk when it was written.
struct Filter {
  H5Z_filter_t id = H5Z_FILTER_NONE;
  std::size_t element = 0;  ///< for shuffle: bytes of an element
};

/// The name of a filter.
std::string filter_name(H5Z_filter_t id);

/// How many bytes one packed byte can become at most: deflate's longest match is 258 bytes in two bits.  0: unknown.
double densest(H5Z_filter_t id);

namespace detail {
using Bytes = std::vector<unsigned char>;

// Fletcher's checksum over 16-bit big-endian words, in HDF5's variant.
std::uint32_t fletcher32(const Bytes& bytes, std::size_t size);

bool inflate_to(const Bytes& packed, Bytes& plain, std::size_t max);

void unshuffle(Bytes& bytes, Bytes& scratch, std::size_t element);
}  // namespace detail

/// Undoes `filters`, except those in `skipped` (bit i for filter i), on the bytes of a chunk that has `size` bytes when
/// unpacked.  `scratch` is working memory.  Returns false if that does not give exactly `size` bytes.
bool unpack_chunk(std::vector<unsigned char>& bytes, std::vector<unsigned char>& scratch,
                  const std::vector<Filter>& filters, std::uint32_t skipped, std::size_t size);
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_filters.impl.hpp>
#endif
