#pragma once
#include <cstdint>
#include <limits>

/// Sums and products of counts that saturate at the largest number instead of wrapping around.
namespace tessera::math {
inline constexpr std::uint64_t max_count = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return b > max_count - a ? max_count : a + b;
}
constexpr std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  return a != 0 && b > max_count / a ? max_count : a * b;
}
}  // namespace tessera::math
