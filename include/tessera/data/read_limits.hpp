#pragma once
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include <tessera/data/error.hpp>

namespace tessera {
/// "8.70 GB", "12 bytes".
inline std::string bytes_text(double bytes) {
  char text[48];
  if (bytes < 1e5) std::snprintf(text, sizeof text, "%.0f bytes", bytes);
  else if (bytes < 1e8) std::snprintf(text, sizeof text, "%.2f MB", bytes / 1e6);
  else std::snprintf(text, sizeof text, "%.2f GB", bytes / 1e9);
  return text;
}

/// How much memory a file may make us ask for.
struct ReadLimits {
  /// Bytes that the numbers of one file may take when they are unpacked.  0: no more than a hundred times the size of the file (but 512 MiB
  /// at least), and half of the machine's memory.
  std::uint64_t bytes = 0;
  /// Called every now and then while a file is read; what it throws ends the reading.
  std::function<void()> meanwhile = nullptr;

  /// For what a request names rather than a file: half of the machine's memory.
  std::uint64_t for_request() const {
    if (bytes != 0) return bytes;
    const auto pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / 2 : UINT64_MAX;
  }
  std::uint64_t for_file(std::uint64_t size) const {
    if (bytes != 0) return bytes;
    constexpr std::uint64_t small = std::uint64_t{512} << 20;
    return std::min(for_request(), std::max(small, size > UINT64_MAX / 100 ? UINT64_MAX : 100 * size));
  }
};

/// What a file may still make us ask for; every request is counted before it is granted.
class MemoryBudget {
 public:
  MemoryBudget(const ReadLimits& limits, std::uint64_t file_size)
      : limit_(limits.for_file(file_size)), by_default_(limits.bytes == 0), meanwhile_(limits.meanwhile) {}

  /// Counts `bytes` more for `what` ("data.h5: key 'x'"), or refuses.
  void take(const std::string& what, double bytes) {
    require(what, bytes);
    taken_ += bytes;
  }
  /// The same of memory that is given back before the next is asked for.
  void require(const std::string& what, double bytes) const {
    if (!(taken_ + bytes <= static_cast<double>(limit_)))
      throw Error(what + ": takes " + bytes_text(bytes) + " of memory" + (taken_ > 0 ? ", after " + bytes_text(taken_) + " before it" : "") +
                  ", which is more than the " + bytes_text(static_cast<double>(limit_)) + " that this file may take" +
                  (by_default_ ? " (a hundred times its size, and half of the machine's memory)" : "") + "; raise the memory limit if you trust it");
  }
  void meanwhile() const {
    if (meanwhile_) meanwhile_();
  }

 private:
  std::uint64_t limit_;
  bool by_default_;
  double taken_ = 0;
  std::function<void()> meanwhile_;
};
}  // namespace tessera
