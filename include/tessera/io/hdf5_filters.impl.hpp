#pragma once
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/hdf5_filters.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::hdf5 {
TESSERA_INLINE std::string filter_name(H5Z_filter_t id) {
  switch (id) {
    case H5Z_FILTER_DEFLATE:
      return "gzip";
    case H5Z_FILTER_SHUFFLE:
      return "shuffle";
    case H5Z_FILTER_FLETCHER32:
      return "fletcher32";
    case H5Z_FILTER_SZIP:
      return "szip";
    case H5Z_FILTER_NBIT:
      return "nbit";
    case H5Z_FILTER_SCALEOFFSET:
      return "scaleoffset";
    case 305:
      return "lzo";
    case 307:
      return "bzip2";
    case 32000:
      return "lzf";
    case 32001:
      return "blosc";
    case 32004:
      return "lz4";
    case 32008:
      return "bitshuffle";
    case 32013:
      return "zfp";
    case 32015:
      return "zstd";
    case 32026:
      return "blosc2";
    default:
      return "filter " + std::to_string(id);
  }
}

TESSERA_INLINE double densest(H5Z_filter_t id) {
  switch (id) {
    case H5Z_FILTER_DEFLATE:
      return 1032;
    case H5Z_FILTER_SHUFFLE:
    case H5Z_FILTER_FLETCHER32:
      return 1;
    default:
      return 0;
  }
}
}  // namespace tessera::hdf5

namespace tessera::hdf5::detail {
TESSERA_INLINE std::uint32_t fletcher32(const Bytes& bytes, std::size_t size) {
  std::uint32_t first = 0, second = 0;
  for (std::size_t i = 0; i < size; i += 2) {
    first += static_cast<std::uint32_t>(bytes[i] << 8) | (i + 1 < size ? bytes[i + 1] : 0u);
    first = (first & 0xffff) + (first >> 16);
    second += first;
    second = (second & 0xffff) + (second >> 16);
  }
  first = (first & 0xffff) + (first >> 16), second = (second & 0xffff) + (second >> 16);
  return second << 16 | first;
}

TESSERA_INLINE bool inflate_to(const Bytes& packed, Bytes& plain, std::size_t max) {
  plain.resize(max);
  z_stream stream{};
  if (packed.size() > UINT32_MAX || max > UINT32_MAX || inflateInit(&stream) != Z_OK) return false;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = plain.data();
  stream.avail_out = static_cast<uInt>(max);
  const int end = ::inflate(&stream, Z_FINISH);
  plain.resize(max - stream.avail_out);
  inflateEnd(&stream);
  return end == Z_STREAM_END;
}

TESSERA_INLINE void unshuffle(Bytes& bytes, Bytes& scratch, std::size_t element) {
  const auto count = element > 1 ? bytes.size() / element : 0;
  if (count < 2) return;
  scratch = bytes;
  for (std::size_t k = 0; k < element; ++k)
    for (std::size_t i = 0; i < count; ++i) bytes[i * element + k] = scratch[k * count + i];
}
}  // namespace tessera::hdf5::detail

namespace tessera::hdf5 {
TESSERA_INLINE bool unpack_chunk(std::vector<unsigned char>& bytes, std::vector<unsigned char>& scratch,
                                 const std::vector<Filter>& filters, std::uint32_t skipped, std::size_t size) {
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (i < 32 && (skipped >> i & 1) != 0) continue;
    switch (filters[i].id) {
      case H5Z_FILTER_DEFLATE:
        // Four bytes more for each checksum that was added before.
        if (!detail::inflate_to(bytes, scratch, size + 4 * i)) return false;
        std::swap(bytes, scratch);
        break;
      case H5Z_FILTER_SHUFFLE:
        detail::unshuffle(bytes, scratch, filters[i].element);
        break;
      default: {  // a checksum
        if (bytes.size() < 4) return false;
        const auto end = bytes.size() - 4;
        std::uint32_t kept = 0;
        for (std::size_t k = 4; k-- > 0;) kept = kept << 8 | bytes[end + k];
        if (kept != detail::fletcher32(bytes, end)) return false;
        bytes.resize(end);
      }
    }
  }
  return bytes.size() == size;
}
}  // namespace tessera::hdf5
