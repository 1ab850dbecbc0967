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

/// How much memory a file may make us ask for.
struct ReadLimits {
  /// Bytes that the numbers of one file may take when they are unpacked.  0: no more than a hundred times the size of
  /// the file (but 512 MiB at least), and half of the machine's memory.
  std::uint64_t bytes = 0;
  /// Called every now and then while a file is read; what it throws ends the reading.
  std::function<void()> meanwhile = nullptr;

  /// For what a request names rather than a file: half of the machine's memory.
  std::uint64_t for_request() const;
  std::uint64_t for_file(std::uint64_t size) const;
};

/// What a file may still make us ask for; every request is counted before it is granted.
class MemoryBudget {
 public:
  MemoryBudget(const ReadLimits& limits, std::uint64_t file_size)
      : limit_(limits.for_file(file_size)), by_default_(limits.bytes == 0), meanwhile_(limits.meanwhile) {}

  /// Counts `bytes` more for `what` ("data.h5: key 'x'"), or refuses.
  void take(const std::string& what, double bytes);
  /// The same of memory that is given back before the next is asked for.
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
