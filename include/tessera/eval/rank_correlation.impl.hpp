#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

#include <tessera/eval/rank_correlation.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  std::vector<double> out(values.size());
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    // The ranks from + 1, ..., to have this mean.
    for (auto k = from; k < to; ++k) out[order[k]] = double(from + 1 + to) / 2;
  }
  return out;
}

TESSERA_INLINE double rank_correlation(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size() || x.size() < 2)
    throw Error("a rank correlation of " + std::to_string(x.size()) + " and " + std::to_string(y.size()) +
                " numbers; give two lists of the same length, of at least two");
  for (const auto list : {x, y})
    for (const double each : list)
      if (!std::isfinite(each)) throw Error("a rank correlation: a number is not finite; leave its pair out");
  const auto a = ranks(x), b = ranks(y);
  const double mean = double(x.size() + 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    ab += (a[i] - mean) * (b[i] - mean), aa += (a[i] - mean) * (a[i] - mean), bb += (b[i] - mean) * (b[i] - mean);
  return ab / std::sqrt(aa * bb);
}
}  // namespace tessera
