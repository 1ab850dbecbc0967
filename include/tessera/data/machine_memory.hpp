#pragma once
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>

#include <tessera/data/error.hpp>

namespace tessera {
/// Bytes of memory that this program could have at most: those of the machine, or fewer where its control group or `ulimit -v` allows fewer.
inline std::uint64_t machine_memory() {
  auto most = std::numeric_limits<std::uint64_t>::max();
  const auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && size > 0) most = std::uint64_t(pages) * std::uint64_t(size);
  for (const char* name : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;
    if (std::ifstream(name) >> limit && limit > 0) most = std::min(most, limit);  // "max" is no number
  }
  rlimit address_space{};
  if (::getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY) most = std::min<std::uint64_t>(most, address_space.rlim_cur);
  return most;
}

/// "17.2 GB (17179869184 bytes)"
inline std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 7> units = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  double x = double(bytes);
  for (; x >= 999.95 && unit + 1 < units.size(); x /= 1000) ++unit;
  const auto exact = std::to_string(bytes) + " bytes";
  if (unit == 0) return exact;
  if (bytes == std::numeric_limits<std::uint64_t>::max()) return "more bytes than 64 bits count";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", x, units[unit]);
  return std::string(text) + " (" + exact + ")";
}

/// Throws an Error where `what` needs more bytes than this program could have; `remedy` says what to change.
inline void check_memory(std::uint64_t bytes, const std::string& what, const std::string& remedy) {
  if (const auto most = machine_memory(); bytes > most)
    throw Error(what + " needs " + bytes_text(bytes) + " of memory, and there are " + bytes_text(most) + "; " + remedy);
}
}  // namespace tessera
