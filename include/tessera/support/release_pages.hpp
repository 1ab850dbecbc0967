#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace tessera {
/// Bytes of a page of memory.
inline std::uintptr_t memory_page() { return std::uintptr_t(::sysconf(_SC_PAGESIZE)); }

/// Gives the whole pages of memory back to the system that a program is not going to read again before it frees them.
/// The memory stays the program's own, and what it holds is lost.
inline void release_pages(void* from, std::size_t bytes) {
  const auto page = memory_page();
  const auto first = (reinterpret_cast<std::uintptr_t>(from) + page - 1) / page * page,
             end = (reinterpret_cast<std::uintptr_t>(from) + bytes) / page * page;
  // Where the system declines, as of locked memory, it stays.
  if (end > first) (void)::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}
}  // namespace tessera
