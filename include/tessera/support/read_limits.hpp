#pragma once
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include <tessera/support/error.hpp>

namespace tessera {
/// "8.70 GB", "12 bytes".
std::string bytes_text(double bytes);

/// How much memory reading a file may take.
struct ReadLimits {
  /// The bytes that the numbers of one file may take when unpacked.  0: at most a hundred times the size of the file
  /// (but 512 MiB at least), and at most half of the machine's memory.
  std::uint64_t bytes = 0;
  /// Called periodically while a file is read; an exception it throws ends the reading.
  std::function<void()> meanwhile = nullptr;

  /// The limit for data that a request generates rather than a file holds: half of the machine's memory.
  std::uint64_t for_request() const;
  std::uint64_t for_file(std::uint64_t size) const;
};

/// The memory that reading a file may still take; every allocation is counted before it is made.
class MemoryBudget {
 public:
  MemoryBudget(const ReadLimits& limits, std::uint64_t file_size)
      : limit_(limits.for_file(file_size)), by_default_(limits.bytes == 0), meanwhile_(limits.meanwhile) {}

  /// Counts `bytes` more for `what` ("data.h5: key 'x'"), or throws an Error.
  void take(const std::string& what, double bytes);
  /// The same for memory that is released before the next allocation.
  void require(const std::string& what, double bytes) const;
  void meanwhile() const;

 private:
  std::uint64_t limit_;
  bool by_default_;
  double taken_ = 0;
  std::function<void()> meanwhile_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/read_limits.impl.hpp>
#endif
