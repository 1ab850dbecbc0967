#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <tessera/eval/over_seeds.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/random.hpp>

namespace tessera {
namespace detail {
inline void require_values(std::span<const double> values) {
  if (values.empty()) throw Error("statistics over seeds: there are no values; give at least one");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error("statistics over seeds: value " + std::to_string(i) + " is not finite; leave that run out");
}
inline double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / double(values.size());
}
inline double quantile_of_sorted(const std::vector<double>& sorted, double q) {
  const double at = q * double(sorted.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), sorted.size() - 1);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - double(below)) * (sorted[above] - sorted[below]);
}
}  // namespace detail

TESSERA_INLINE double interquartile_mean(std::span<const double> values) {
  detail::require_values(values);
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto cut = sorted.size() / 4;
  return detail::mean_of(std::span<const double>(sorted).subspan(cut, sorted.size() - 2 * cut));
}

TESSERA_INLINE double quantile(std::span<const double> values, double q) {
  detail::require_values(values);
  if (!(q >= 0 && q <= 1)) throw Error("quantile: " + std::to_string(q) + " is not a share from 0 to 1");
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return detail::quantile_of_sorted(sorted, q);
}

TESSERA_INLINE BootstrapInterval bootstrap_interval(std::span<const double> values,
                                                    const std::function<double(std::span<const double>)>& statistic,
                                                    const BootstrapOptions& options) {
  detail::require_values(values);
  if (!(options.level > 0 && options.level < 1))
    throw Error("bootstrap_interval: level " + std::to_string(options.level) + " is not between 0 and 1, such as 0.95");
  if (options.resamples < 1)
    throw Error("bootstrap_interval: " + std::to_string(options.resamples) + " resamples; draw at least one");
  Random random(options.seed);
  std::vector<double> drawn(values.size()), found;
  found.reserve(std::size_t(options.resamples));
  for (int i = 0; i < options.resamples; ++i) {
    for (auto& x : drawn) x = values[std::size_t(random.below(values.size()))];
    found.push_back(statistic(drawn));
  }
  std::sort(found.begin(), found.end());
  const double tail = (1 - options.level) / 2;
  return {detail::quantile_of_sorted(found, tail), detail::quantile_of_sorted(found, 1 - tail)};
}

TESSERA_INLINE OverSeeds over_seeds(std::span<const double> values, const BootstrapOptions& options) {
  detail::require_values(values);
  OverSeeds out;
  out.count = values.size();
  out.mean = detail::mean_of(values);
  double squares = 0;
  for (const double x : values) squares += (x - out.mean) * (x - out.mean);
  out.std = values.size() > 1 ? std::sqrt(squares / double(values.size() - 1)) : 0;
  out.interquartile_mean = interquartile_mean(values);
  out.mean_interval = bootstrap_interval(values, detail::mean_of, options);
  out.interquartile_mean_interval = bootstrap_interval(values, interquartile_mean, options);
  return out;
}
}  // namespace tessera
