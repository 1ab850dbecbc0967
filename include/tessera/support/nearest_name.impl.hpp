#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera {
TESSERA_INLINE std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

TESSERA_INLINE std::string nearest_name(const std::string& given, const std::vector<std::string>& names) {
  std::string nearest;
  std::size_t min = given.size() / 2 + 1;
  for (const auto& name : names)
    if (const auto distance = edit_distance(given, name); distance < min) {
      min = distance;
      nearest = name;
    }
  return nearest;
}
}  // namespace tessera
