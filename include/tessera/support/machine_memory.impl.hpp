#pragma once
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include <tessera/support/inline.hpp>
#include <tessera/support/machine_memory.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
TESSERA_INLINE std::uint64_t machine_memory() {
  auto max = std::numeric_limits<std::uint64_t>::max();
  const auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && size > 0) max = std::uint64_t(pages) * std::uint64_t(size);
  for (const char* name : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;
    if (std::ifstream(name) >> limit && limit > 0) max = std::min(max, limit);  // "max" is not a number
  }
  rlimit address_space{};
  if (::getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY)
    max = std::min<std::uint64_t>(max, address_space.rlim_cur);
  return max;
}

TESSERA_INLINE std::string exact_bytes_text(std::uint64_t bytes) {
  if (bytes == std::numeric_limits<std::uint64_t>::max()) return "more bytes than 64 bits count";
  const auto rounded = bytes_text(double(bytes)), exact = std::to_string(bytes) + " bytes";
  return rounded == exact ? exact : rounded + " (" + exact + ")";
}

TESSERA_INLINE void check_memory(std::uint64_t bytes, const std::string& what, const std::string& remedy) {
  if (const auto max = machine_memory(); bytes > max)
    throw Error(what + " needs " + exact_bytes_text(bytes) + " of memory, and there are " + exact_bytes_text(max) +
                "; " + remedy);
}
}  // namespace tessera
