#pragma once
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "files.hpp"

namespace support {
/// The bytes of a .npy file, version 1.
template <class T>
std::string npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
                const std::string& order = "False") {
  std::string header = "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += char(header.size() % 256);
  bytes += char(header.size() / 256);
  bytes += header;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}
inline std::string npy(const std::string& shape, const std::vector<double>& values) {
  return npy("<f8", shape, values);
}

/// A little-endian number of `width` bytes.
inline std::string bytes_of_number(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += char(i < 8 ? value >> 8 * i & 255 : 0);
  return bytes;
}

inline std::string deflated(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, uLong(plain.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = uInt(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

/// A zip archive of (name, bytes), deflated or stored.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& members, bool deflate = true) {
  std::string file, directory;
  for (const auto& [name, plain] : members) {
    const auto packed = deflate ? deflated(plain) : plain;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(plain.data()), uInt(plain.size()));
    // From the version needed to the length of the extra field, which both headers have.
    const auto common = bytes_of_number(20, 2) + bytes_of_number(0, 2) + bytes_of_number(deflate ? 8 : 0, 2) +
                        bytes_of_number(0, 4) + bytes_of_number(crc, 4) + bytes_of_number(packed.size(), 4) +
                        bytes_of_number(plain.size(), 4) + bytes_of_number(name.size(), 2) + bytes_of_number(0, 2);
    directory += "PK\x01\x02" + bytes_of_number(20, 2) + common + bytes_of_number(0, 10) +
                 bytes_of_number(file.size(), 4) + name;
    file += "PK\x03\x04" + common + name + packed;
  }
  const auto at = file.size();
  return file + directory + "PK\x05\x06" + bytes_of_number(0, 4) + bytes_of_number(members.size(), 2) +
         bytes_of_number(members.size(), 2) + bytes_of_number(directory.size(), 4) + bytes_of_number(at, 4) +
         bytes_of_number(0, 2);
}
}  // namespace support
