#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include <tessera/support/inline.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
TESSERA_INLINE std::string bytes_text(double bytes) {
  char text[48];
  if (bytes < 1e5) std::snprintf(text, sizeof text, "%.0f bytes", bytes);
  else if (bytes < 1e8) std::snprintf(text, sizeof text, "%.2f MB", bytes / 1e6);
  else std::snprintf(text, sizeof text, "%.2f GB", bytes / 1e9);
  return text;
}

TESSERA_INLINE std::uint64_t ReadLimits::for_request() const {
  if (bytes != 0) return bytes;
  const auto pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page) / 2 : UINT64_MAX;
}

TESSERA_INLINE ReadLimits ReadLimits::whole(const std::string& what) const {
  auto out = *this;
  if (!hand_over) return out;
  out.hand_over = nullptr;
  out.remedy = what +
               " is read whole, not in pieces: raise the memory limit, or divide it and convert each part with "
               "--append";
  return out;
}

TESSERA_INLINE std::uint64_t ReadLimits::for_file(std::uint64_t size) const {
  if (bytes != 0) return bytes;
  constexpr std::uint64_t small = std::uint64_t{512} << 20;
  return std::min(for_request(), std::max(small, size > UINT64_MAX / 100 ? UINT64_MAX : 100 * size));
}

TESSERA_INLINE void MemoryBudget::take(const std::string& what, double bytes) {
  require(what, bytes);
  if (!limits_.hand_over) taken_ += bytes;
}

TESSERA_INLINE void MemoryBudget::require(const std::string& what, double bytes) const {
  if (!(taken_ + bytes <= static_cast<double>(limit_)))
    throw Error(what + ": takes " + bytes_text(bytes) + " of memory" +
                (taken_ > 0 ? ", after " + bytes_text(taken_) + " before it" : "") + ", which is more than the " +
                bytes_text(static_cast<double>(limit_)) + " that this file may take" +
                (limits_.bytes == 0 ? " (a hundred times its size, and half of the machine's memory)" : "") + "; " +
                limits_.remedy);
}

TESSERA_INLINE void MemoryBudget::meanwhile() const {
  if (limits_.meanwhile) limits_.meanwhile();
}
}  // namespace tessera
