#include <tessera/support/release_pages.hpp>
//
#include <sys/mman.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <vector>

using namespace tessera;

namespace {
// How many pages of memory, which begins with one, the system holds.
std::size_t held(void* first, std::size_t pages, std::size_t page) {
  std::vector<unsigned char> in_memory(pages);
  REQUIRE(::mincore(first, pages * page, in_memory.data()) == 0);
  std::size_t count = 0;
  for (const auto x : in_memory) count += x & 1;
  return count;
}
}  // namespace

TEST_CASE("whole pages are given back, and no others", "[support][release_pages]") {
  const auto page = std::size_t(::sysconf(_SC_PAGESIZE));
  auto* const memory = static_cast<unsigned char*>(
      ::mmap(nullptr, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  REQUIRE(memory != MAP_FAILED);
  std::fill(memory, memory + 8 * page, 7);
  CHECK(held(memory, 8, page) == 8);
  release_pages(memory + 1, page - 1);  // part of a page
  release_pages(memory + 10, page);     // parts of two
  release_pages(memory, 0);
  CHECK(held(memory, 8, page) == 8);
  CHECK(memory[2 * page - 1] == 7);
  release_pages(memory + page + 1, 3 * page);  // the third and the fourth, and parts of their neighbors
  CHECK(held(memory, 8, page) == 6);
  CHECK(memory[2 * page - 1] == 7);
  CHECK(memory[4 * page] == 7);
  ::munmap(memory, 8 * page);
}
