#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera {
/// The range in which most values of a column lie, however far away the others are.
///   low, high: the 5 % and 95 % quantiles;  width = high - low
///   mean, std: of the values clipped to [low - 2 width, high + 2 width], which changes nothing without outliers
/// In a column where nine in ten values are equal (width 0), mean is that value, and std the median distance from it of
/// the values that differ.  A constant column has std 0; a column that varies only by float rounding counts as
/// constant.
struct Bulk {
  double low = 0, high = 0, mean = 0, std = 0;
  float min = 0, max = 0;  ///< of all values
  bool constant() const { return std == 0; }
  /// The width, or that of a normal distribution with the same std.
  double width() const { return high > low ? high - low : 3.29 * std; }
};

namespace detail {
// Quantiles and medians use at most this many rows, spread evenly but not in step with any period.
std::vector<std::int64_t> spread_rows(std::int64_t count);
float quantile(std::vector<float>& x, double q);
}  // namespace detail

/// The bulk of each of `width` columns; `row(i)` points to vector i of `count`.
template <class Row>
std::vector<Bulk> bulks(std::int64_t count, std::int64_t width, Row row) {
  const auto n = std::size_t(width);
  std::vector<Bulk> found(n);
  if (count == 0) return found;
  for (std::size_t j = 0; j < n; ++j) found[j].min = found[j].max = row(0)[j];
  for (std::int64_t i = 1; i < count; ++i) {
    const float* x = row(i);
    for (std::size_t j = 0; j < n; ++j)
      found[j].min = std::min(found[j].min, x[j]), found[j].max = std::max(found[j].max, x[j]);
  }
  const auto rows = detail::spread_rows(count);
  std::vector<float> sample(rows.size()), off;
  std::vector<double> from(n), to(n), sum(n), square(n);
  // The columns of these rows, some at a time: a row that is on the disk is read once for all of them.
  constexpr std::size_t at_once = 128;
  std::vector<float> some(rows.size() * std::min(n, at_once));
  for (std::size_t j = 0; j < n; ++j) {
    auto& b = found[j];
    if (j % at_once == 0)
      for (std::size_t k = 0; k < rows.size(); ++k)
        std::copy_n(row(rows[k]) + j, std::min(n - j, at_once),
                    some.begin() + std::ptrdiff_t(k * std::min(n, at_once)));
    for (std::size_t k = 0; k < rows.size(); ++k) sample[k] = some[k * std::min(n, at_once) + j % at_once];
    b.low = detail::quantile(sample, 0.05), b.high = detail::quantile(sample, 0.95);
    const double margin = 2 * (b.high - b.low);
    from[j] = std::max(b.low - margin, double(b.min)), to[j] = std::min(b.high + margin, double(b.max));
    if (b.high > b.low) continue;
    off.clear();
    for (const float x : sample)
      if (x != float(b.low)) off.push_back(std::abs(x - float(b.low)));
    b.mean = b.low;
    b.std = off.empty() ? std::max(double(b.max) - b.mean, b.mean - double(b.min)) : double(detail::quantile(off, 0.5));
  }
  const auto each = [&](auto f) {
    for (std::int64_t i = 0; i < count; ++i) {
      const float* x = row(i);
      for (std::size_t j = 0; j < n; ++j) f(j, std::clamp(double(x[j]), from[j], to[j]));
    }
  };
  each([&](std::size_t j, double x) { sum[j] += x; });
  for (std::size_t j = 0; j < n; ++j) sum[j] /= double(count);
  each([&](std::size_t j, double x) { square[j] += (x - sum[j]) * (x - sum[j]); });
  for (std::size_t j = 0; j < n; ++j) {
    auto& b = found[j];
    if (b.high > b.low) b.mean = sum[j], b.std = std::sqrt(square[j] / double(count));
    if (b.std <= 0x1p-22 * std::abs(b.mean)) b.std = 0;
  }
  return found;
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/bulk.impl.hpp>
#endif
