#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <tessera/eval/over_seeds.hpp>
#include <tessera/ope/estimator.hpp>
#include <tessera/support/random.hpp>

namespace tessera::ope {
/// How an estimate's uncertainty is computed.
///   percentile  bootstrap over episodes, quantiles of the resampled estimates (`bootstrap_interval`)
///   bca         the same, bias-corrected and accelerated
enum class interval_kind { percentile, bca };

struct IntervalOptions {
  interval_kind kind = interval_kind::bca;
  BootstrapOptions bootstrap{.level = 0.95, .resamples = 2000, .seed = 0};
  std::size_t jackknife = 1000;  ///< of bca: the most groups of episodes that are left out in turn
};

/// An interval's ends, and how many resamples had no estimate (0 / 0) and were left out of it.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
  int undefined_resamples = 0;
};

/// The estimates over `resamples` draws of n of the n episodes with replacement; those without an estimate are left
/// out.  Draw number k depends on (seed, k) alone, so that all estimators see the same draws.
template <EstimatorTerms T>
std::vector<double> resampled(const T& terms, const BootstrapOptions& options = {}) {
  if (options.resamples < 1)
    throw Error("an interval of an estimate: " + std::to_string(options.resamples) + " resamples; draw at least one");
  const auto count = terms.episodes();
  std::vector<std::size_t> drawn(count);
  std::vector<double> found;
  found.reserve(std::size_t(options.resamples));
  for (int k = 0; k < options.resamples; ++k) {
    Random random(options.seed, std::uint64_t(k));
    for (auto& i : drawn) i = std::size_t(random.below(count));
    if (const double value = terms.value(drawn); !std::isnan(value)) found.push_back(value);
  }
  return found;
}

/// The estimates without each episode; of more than `most` episodes, without each of `most` groups of them.
template <EstimatorTerms T>
std::vector<double> jackknifed(const T& terms, std::size_t most = 1000) {
  const auto count = terms.episodes(), groups = std::min(count, most);
  std::vector<double> found;
  if (groups < 2) return found;
  std::vector<std::size_t> rest;
  for (std::size_t g = 0; g < groups; ++g) {
    rest.clear();
    for (std::size_t i = 0; i < count; ++i)
      if (i % groups != g) rest.push_back(i);
    if (const double value = terms.value(rest); !std::isnan(value)) found.push_back(value);
  }
  return found;
}

/// The percentile interval of resampled estimates (Efron & Tibshirani 1993, section 13.3).
Interval percentile_interval(std::vector<double> resampled, double level);

/// The bias-corrected and accelerated interval (Efron 1987, "Better Bootstrap Confidence Intervals"; Efron & Tibshirani
/// 1993, equations 14.9, 14.10, 14.14, 14.15).  With the resampled estimates v*, B in number, the estimate v and those
/// of the jackknife v_(i), whose mean is v_(.):
///   z0     Phi^-1( #{v* < v} / B ), where half of those that equal v count
///   a      sum_i (v_(.) - v_(i))^3 / ( 6 ( sum_i (v_(.) - v_(i))^2 )^(3/2) )
///   ends   the quantiles Phi( z0 + (z0 + z) / (1 - a (z0 + z)) ) of v*, for z = Phi^-1((1 -+ level) / 2)
/// Where all v* equal v the interval is v.
Interval bca_interval(double value, std::vector<double> resampled, std::span<const double> jackknife, double level);

/// The interval of an estimate, by the kind that the options name.
template <EstimatorTerms T>
Interval interval_of(const T& terms, double value, const IntervalOptions& options = {}) {
  const auto& bootstrap = options.bootstrap;
  auto found = resampled(terms, bootstrap);
  const int lost = bootstrap.resamples - int(found.size());
  Interval out;
  if (options.kind == interval_kind::percentile) out = percentile_interval(std::move(found), bootstrap.level);
  else out = bca_interval(value, std::move(found), jackknifed(terms, options.jackknife), bootstrap.level);
  out.undefined_resamples = lost;
  return out;
}

/// The empirical Bernstein interval of a mean of n numbers that lie in [low, high] (Maurer & Pontil 2009, "Empirical
/// Bernstein Bounds and Sample Variance Penalization", theorem 4, with delta/2 for either side):
///   mean -+ ( sqrt( 2 s^2 ln(4/delta) / n ) + 7 (high - low) ln(4/delta) / (3 (n - 1)) ),   delta = 1 - level
/// with the sample variance s^2, 1/(n - 1).  It holds for every distribution in the range, with any n, and is wide.
/// Throws an Error where a number is outside, or n is 1.
Interval bernstein_interval(std::span<const double> values, double low, double high, double level = 0.95);

/// The interval of an estimate v by values v_k that were estimated anew, K of them, from resamples:
///   v -+ t s,   s^2 = sum_k (v_k - mean)^2 / (K - 1)
/// with t the quantile (1 + level) / 2 of Student's distribution with K - 1 degrees of freedom, since K is small.  The
/// quantile is that of the normal distribution, expanded in 1 / (K - 1) (Abramowitz & Stegun 1964, equation 26.7.5),
/// and right to 0.2 % from three degrees of freedom on.  Throws an Error of fewer than 4 values.
Interval student_interval(double value, std::span<const double> anew, double level = 0.95);

/// The effective sample size of weights (Kong 1992):  (sum_i w_i)^2 / sum_i w_i^2,  from 1 to n, from log w_i; 0 where
/// all weights are 0.
double effective_sample_size(std::span<const double> log_weights);
/// That of the log's trajectory weights rho_{0:T-1}.
double effective_sample_size(const EvaluationLog& log);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/interval.impl.hpp>
#endif
