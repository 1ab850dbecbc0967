// The bytes of a packed chunk of an HDF5 data set: the first says what was done to it, the second how large an element
// is, the third how many.
#include "fuzz.hpp"

#include <cstdlib>

#include <tessera/io/hdf5_filters.hpp>

#include "../helpers/hostile_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  std::vector<tessera::hdf5::Filter> filters;
  if (data[0] & 1) filters.push_back({H5Z_FILTER_SHUFFLE, data[1]});
  if (data[0] & 2) filters.push_back({H5Z_FILTER_DEFLATE, 0});
  if (data[0] & 4) filters.push_back({H5Z_FILTER_FLETCHER32, 0});
  if (data[0] & 8) filters.push_back({H5Z_FILTER_DEFLATE, 0});
  std::vector<unsigned char> bytes(data + 3, data + size), scratch;
  const std::size_t plain = std::size_t{data[1]} * data[2];
  if (tessera::hdf5::unpack_chunk(bytes, scratch, filters, data[0] >> 4, plain) && bytes.size() != plain) std::abort();
  // One that inflates needs no more room than it may take, but for checksums.
  if (scratch.capacity() > 65536 + plain + size) std::abort();
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  const auto zeros = support::hostile::packed_zeros(400);
  return {"\x02\x04\x64" + zeros, "\x03\x04\x64" + zeros, std::string("\x01\x04\x02") + "12345678",
          std::string("\x04\x04\x01\0\0\0\0\0\0\0\0", 11)};
}
