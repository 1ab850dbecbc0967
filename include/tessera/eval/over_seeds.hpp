#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace tessera {
/// What several runs that differ in their seeds say together: statistics over one number of each, such as its final
/// return.  Each throws an Error if there are no values, or one is not finite.

/// The mean of the middle half: of N values, N/4, rounded down, are left out at either end (Agarwal et al., 2021, "Deep
/// Reinforcement Learning at the Edge of the Statistical Precipice", section 4.3; SciPy's trim_mean(values, 0.25),
/// which their library `rliable` uses).  Of up to three values it is the mean.
double interquartile_mean(std::span<const double> values);

/// The value below which a share q of the values lies, from 0 to 1, with straight lines between neighbors (NumPy's
/// quantile).
double quantile(std::span<const double> values, double q);

/// A statistic's uncertainty.
struct BootstrapInterval {
  double low = 0, high = 0;

  friend bool operator==(const BootstrapInterval&, const BootstrapInterval&) = default;
};

struct BootstrapOptions {
  double level = 0.95;  ///< the share of the statistic's bootstrap distribution that the interval holds
  int resamples = 10'000;
  std::uint64_t seed = 0;  ///< of the draws: the same values have the same interval
};

/// The percentile bootstrap interval of a statistic (Efron & Tibshirani, 1993, "An Introduction to the Bootstrap",
/// section 13.3): N of the N values are drawn with replacement, `resamples` times, and the interval reaches from the
/// quantile (1 - level)/2 of the statistic to the quantile (1 + level)/2.
/// Of few values it is too narrow: with one it is that value, and with five it leaves the true mean out more often than
/// its level says.
BootstrapInterval bootstrap_interval(std::span<const double> values,
                                     const std::function<double(std::span<const double>)>& statistic,
                                     const BootstrapOptions& options = {});

/// All of it for one number of each run.
struct OverSeeds {
  std::size_t count = 0;
  double mean = 0;
  double std = 0;  ///< sample standard deviation, 1/(N - 1); 0 of one value
  double interquartile_mean = 0;
  BootstrapInterval mean_interval, interquartile_mean_interval;
};
OverSeeds over_seeds(std::span<const double> values, const BootstrapOptions& options = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/eval/over_seeds.impl.hpp>
#endif
