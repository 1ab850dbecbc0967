#pragma once
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include <tessera/support/error.hpp>

namespace tessera {
struct Dataset;

/// "8.70 GB", "12 bytes".
std::string bytes_text(double bytes);

/// How much memory reading a file may take.
struct ReadLimits {
  /// The bytes that the numbers of one file may take when unpacked.  0: at most a hundred times the size of the file
  /// (but 512 MiB at least), and at most half of the machine's memory.
  std::uint64_t bytes = 0;
  /// Called periodically while a file is read; an exception it throws ends the reading.
  std::function<void()> meanwhile = nullptr;
  /// For data that are larger than memory.  Where this is set, a reader that can passes on whole episodes, in order, as
  /// soon as those that it holds take `piece_bytes()`.  What it returns has the rest, perhaps no transition, and says
  /// of the whole what is known at its end: sizes, spaces, limits, task, warnings.  `bytes` is then what it may hold
  /// at once.
  std::function<void(const Dataset& piece)> hand_over = nullptr;

  /// What to do where that is not enough, as errors say it.
  std::string remedy = "raise the memory limit if you trust it";

  /// The same for a reader of `what` that cannot hand over.
  ReadLimits whole(const std::string& what) const;
  /// An eighth of the memory: beside a piece there are the rows that it is made of, and what its writer makes of it.
  std::uint64_t piece_bytes() const { return for_request() / 8; }
  /// The limit for data that a request generates rather than a file holds: half of the machine's memory.
  std::uint64_t for_request() const;
  std::uint64_t for_file(std::uint64_t size) const;
};

/// The memory that reading a file may still take; every allocation is counted before it is made.
class MemoryBudget {
 public:
  MemoryBudget(const ReadLimits& limits, std::uint64_t file_size)
      : limit_(limits.for_file(file_size)), limits_(limits) {}

  /// Those that it was made of.
  const ReadLimits& limits() const { return limits_; }

  /// Counts `bytes` more for `what` ("data.h5: key 'x'"), or throws an Error.  Of what is handed over in pieces nothing
  /// is held for long: there it is `require`.
  void take(const std::string& what, double bytes);
  /// The same for memory that is released before the next allocation.
  void require(const std::string& what, double bytes) const;
  void meanwhile() const;

 private:
  std::uint64_t limit_;
  ReadLimits limits_;
  double taken_ = 0;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/read_limits.impl.hpp>
#endif
