#pragma once
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tessera/ope/estimator.hpp>
#include <tessera/ope/interval.hpp>

namespace tessera::ope {
/// What an estimator says of a target policy.
struct Estimate {
  std::string name{};
  double value = std::numeric_limits<double>::quiet_NaN();  ///< the expected discounted return; NaN where undefined
  Interval interval{};
  std::string undefined{};           ///< why there is no value, in a line; empty where there is one
  std::vector<std::string> notes{};  ///< what to know when reading it, a line each
};

/// The estimate of what a log's terms are, with its interval.
template <EstimatorTerms T>
Estimate estimate_of(std::string name, const T& terms, const IntervalOptions& options = {}) {
  Estimate out{.name = std::move(name), .undefined = terms.undefined, .notes = terms.notes};
  if (!out.undefined.empty()) return out;
  std::vector<std::size_t> all(terms.episodes());
  std::iota(all.begin(), all.end(), std::size_t{0});
  out.value = terms.value(all);
  out.interval = interval_of(terms, out.value, options);
  if (const int lost = out.interval.undefined_resamples; lost > 0)
    out.notes.push_back(std::to_string(lost) + " of " + std::to_string(options.bootstrap.resamples) +
                        " resamples have no estimate, and are left out of the interval");
  return out;
}

/// An estimate with its interval.
template <Estimator E>
Estimate estimate(const EvaluationLog& log, const typename E::params& h = {}, const IntervalOptions& options = {}) {
  return estimate_of(E::name, terms_of<E>(log, h), options);
}
}  // namespace tessera::ope
