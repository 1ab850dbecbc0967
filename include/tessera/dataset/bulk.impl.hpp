#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE std::vector<std::int64_t> spread_rows(std::int64_t count) {
  constexpr std::int64_t max = 20'000;
  std::vector<std::int64_t> rows(std::size_t(std::min(count, max)));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const double golden = double(k) * 0.6180339887498949;
    rows[k] = count <= max ? std::int64_t(k)
                           : std::min(count - 1, std::int64_t((golden - std::floor(golden)) * double(count)));
  }
  return rows;
}

TESSERA_INLINE float quantile(std::vector<float>& x, double q) {
  const auto at = x.begin() + std::ptrdiff_t(q * double(x.size() - 1));
  std::nth_element(x.begin(), at, x.end());
  return *at;
}
}  // namespace tessera::detail
