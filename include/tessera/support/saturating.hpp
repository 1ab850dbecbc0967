#pragma once
#include <cstdint>
#include <limits>

/// Counts that stop at the largest instead of starting anew from 0.
namespace tessera::math {
inline constexpr std::uint64_t most_count = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) { return b > most_count - a ? most_count : a + b; }
constexpr std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) { return a != 0 && b > most_count / a ? most_count : a * b; }
}  // namespace tessera::math
