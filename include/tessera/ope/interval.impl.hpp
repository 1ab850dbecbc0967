#pragma once
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <tessera/ope/interval.hpp>
#include <tessera/ope/terms.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
inline void require_level(double level) {
  if (!(level > 0 && level < 1))
    throw Error("an interval of an estimate: level " + std::to_string(level) + " is not between 0 and 1, such as 0.95");
}

// The standard normal distribution: Phi(z) = erfc(-z / sqrt 2) / 2, and its inverse by bisection.
inline double normal_share(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }
inline double normal_quantile(double share) {
  double low = -40, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    (normal_share(middle) < share ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// sum (m - x)^3 / (6 (sum (m - x)^2)^(3/2)), with their mean m; 0 where all are equal.
inline double acceleration(std::span<const double> jackknife) {
  if (jackknife.empty()) return 0;
  const double mean = std::accumulate(jackknife.begin(), jackknife.end(), 0.0) / double(jackknife.size());
  double squares = 0, cubes = 0;
  for (const double x : jackknife) {
    squares += (mean - x) * (mean - x);
    cubes += (mean - x) * (mean - x) * (mean - x);
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0;
}
}  // namespace detail

TESSERA_INLINE Interval percentile_interval(std::vector<double> resampled, double level) {
  detail::require_level(level);
  if (resampled.empty()) return {};
  return {.low = quantile(resampled, (1 - level) / 2), .high = quantile(resampled, (1 + level) / 2)};
}

TESSERA_INLINE Interval bca_interval(double value, std::vector<double> resampled, std::span<const double> jackknife,
                                     double level) {
  detail::require_level(level);
  if (resampled.empty()) return {};
  std::sort(resampled.begin(), resampled.end());
  const double count = double(resampled.size());
  const auto equal = std::equal_range(resampled.begin(), resampled.end(), value);
  const double below = (double(equal.first - resampled.begin()) + double(equal.second - resampled.begin())) / 2;
  // With no resample on one side the bias is beyond what B of them can tell: half of one is taken to be there.
  const double z0 = detail::normal_quantile(std::clamp(below, 0.5, count - 0.5) / count);
  const double a = detail::acceleration(jackknife);
  const auto end = [&](double tail) {
    const double z = z0 + detail::normal_quantile(tail);
    // At 1 - a z <= 0 the transformation has a pole: the end is then that of the resamples.
    const double share = 1 - a * z > 0 ? detail::normal_share(z0 + z / (1 - a * z)) : double(tail > 0.5);
    return quantile(resampled, share);
  };
  return {.low = end((1 - level) / 2), .high = end((1 + level) / 2)};
}

TESSERA_INLINE Interval bernstein_interval(std::span<const double> values, double low, double high, double level) {
  detail::require_level(level);
  if (values.size() < 2)
    throw Error("an empirical Bernstein interval: of " + std::to_string(values.size()) + " numbers; give at least two");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] >= low && values[i] <= high))
      throw Error("an empirical Bernstein interval: number " + std::to_string(i) + ", " + std::to_string(values[i]) +
                  ", is outside [" + std::to_string(low) + ", " + std::to_string(high) + "]; give the range of all");
  const double n = double(values.size()), mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  const double bound = std::log(4 / (1 - level));
  const double half = std::sqrt(2 * squares / (n - 1) * bound / n) + 7 * (high - low) * bound / (3 * (n - 1));
  return {.low = mean - half, .high = mean + half};
}

namespace detail {
// t_p = z + g_1 / n + g_2 / n^2 + ..., with the normal quantile z.
inline double student_quantile(double share, double n) {
  const double z = normal_quantile(share), z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z;
  const double g1 = (z3 + z) / 4, g2 = (5 * z5 + 16 * z3 + 3 * z) / 96,
               g3 = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384,
               g4 = (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160;
  return z + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}
}  // namespace detail

TESSERA_INLINE Interval student_interval(double value, std::span<const double> anew, double level) {
  if (anew.size() < 4)
    throw Error("an interval of values that were estimated anew: there are " + std::to_string(anew.size()) +
                "; make at least 4");
  const double count = double(anew.size());
  double mean = 0, squares = 0;
  for (const double x : anew) mean += x / count;
  for (const double x : anew) squares += (x - mean) * (x - mean);
  const double half = detail::student_quantile((1 + level) / 2, count - 1) * std::sqrt(squares / (count - 1));
  return {value - half, value + half};
}

TESSERA_INLINE double effective_sample_size(std::span<const double> log_weights) {
  if (!detail::all_zero(log_weights).empty()) return 0;
  const double most = *std::max_element(log_weights.begin(), log_weights.end());
  double sum = 0, squares = 0;
  for (const double w : log_weights) {
    sum += std::exp(w - most);
    squares += std::exp(2 * (w - most));
  }
  return sum * sum / squares;
}
TESSERA_INLINE double effective_sample_size(const EvaluationLog& log) {
  return effective_sample_size(std::span<const double>(detail::trajectory_log_ratios(log)));
}
}  // namespace tessera::ope
