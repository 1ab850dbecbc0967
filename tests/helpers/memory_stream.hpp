#pragma once
#include <cstddef>
#include <cstring>
#include <string>

#include <tessera/support/error.hpp>

namespace support {
/// A stream in memory, as `stream::write_dataset` and `read_dataset` take one.
struct Memory {
  std::string bytes;
  std::size_t at = 0;
  void write(const void* from, std::size_t size) { bytes.append(static_cast<const char*>(from), size); }
  void read(void* to, std::size_t size) {
    if (size > bytes.size() - at) throw tessera::Error("the stream has ended");
    if (size > 0) std::memcpy(to, bytes.data() + at, size);
    at += size;
  }
};
}  // namespace support
