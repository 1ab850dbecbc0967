#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <tessera/ope/terms.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
inline constexpr double minus_infinity = -std::numeric_limits<double>::infinity();
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

TESSERA_INLINE std::vector<double> trajectory_log_ratios(const EvaluationLog& log) {
  std::vector<double> out;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    const auto ratios = log.episode(i).log_ratio;
    out.push_back(std::accumulate(ratios.begin(), ratios.end(), 0.0));
  }
  return out;
}

TESSERA_INLINE std::vector<double> discounted_returns(const EvaluationLog& log) {
  std::vector<double> out;
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    double sum = 0, gamma = 1;
    for (const double reward : log.episode(i).rewards) {
      sum += gamma * reward;
      gamma *= log.discount;
    }
    out.push_back(sum);
  }
  return out;
}

TESSERA_INLINE double times_exp(double x, double log_weight) {
  return log_weight == minus_infinity || x == 0 ? 0 : x * std::exp(log_weight);
}

TESSERA_INLINE void require_no_overflow(MeanTerms& terms) {
  for (std::size_t i = 0; i < terms.x.size() && terms.undefined.empty(); ++i)
    if (!std::isfinite(terms.x[i]))
      terms.undefined = "the importance ratio of episode " + std::to_string(i) + " is too large for a number";
}

TESSERA_INLINE MeanTerms mean_of_weighted(std::vector<double> x, std::span<const double> log_weight) {
  MeanTerms out{.x = std::move(x), .undefined = all_zero(log_weight)};
  require_no_overflow(out);
  return out;
}

TESSERA_INLINE std::string all_zero(std::span<const double> log_weight) {
  for (const double w : log_weight)
    if (w != minus_infinity) return "";
  return "in every episode the target policy gives a logged action probability 0: all ratios are 0";
}

inline double largest(std::span<const double> values, Drawn drawn) {
  double out = minus_infinity;
  for (const auto i : drawn) out = std::max(out, values[i]);
  return out;
}
}  // namespace detail

TESSERA_INLINE double MeanTerms::value(Drawn drawn) const {
  double sum = 0;
  for (const auto i : drawn) sum += x[i];
  return sum / double(drawn.size());
}

TESSERA_INLINE WeightedTerms::WeightedTerms(std::vector<double> x, std::vector<double> log_weight)
    : undefined(detail::all_zero(log_weight)), x_(std::move(x)), log_weight_(std::move(log_weight)) {
  const double most = *std::max_element(log_weight_.begin(), log_weight_.end());
  for (const double w : log_weight_) weight_.push_back(undefined.empty() ? std::exp(w - most) : 0);
}

TESSERA_INLINE double WeightedTerms::value(Drawn drawn) const {
  double sum = 0, weights = 0;
  for (const auto i : drawn) {
    weights += weight_[i];
    sum += weight_[i] * x_[i];
  }
  if (weights > 0) return sum / weights;
  const double most = detail::largest(log_weight_, drawn);
  if (most == detail::minus_infinity) return detail::not_a_number;
  for (const auto i : drawn) {
    weights += std::exp(log_weight_[i] - most);
    sum += std::exp(log_weight_[i] - most) * x_[i];
  }
  return sum / weights;
}

TESSERA_INLINE StepwiseTerms::StepwiseTerms(const EvaluationLog& log, std::vector<double> x, std::vector<double> y)
    : undefined(detail::all_zero(detail::trajectory_log_ratios(log))), offsets_(log.offsets.begin(), log.offsets.end()),
      x_(std::move(x)), y_(std::move(y)) {
  for (std::size_t i = 0; i < log.episodes(); ++i) {
    double sum = 0;
    for (const double ratio : log.episode(i).log_ratio) log_rho_.push_back(sum += ratio);
  }
  scale();
}

TESSERA_INLINE double StepwiseTerms::log_rho(std::size_t i, std::size_t t) const {
  return log_rho_[std::min(offsets_[i] + t, offsets_[i + 1] - 1)];
}

TESSERA_INLINE std::size_t StepwiseTerms::longest(Drawn drawn) const {
  std::size_t out = 0;
  for (const auto i : drawn) out = std::max(out, length(i));
  return out;
}

TESSERA_INLINE void StepwiseTerms::scale() {
  std::size_t horizon = 0;
  for (std::size_t i = 0; i < episodes(); ++i) horizon = std::max(horizon, length(i));
  // The largest log rho of each time, of episodes that go on and of those that are over.
  std::vector<double> most(horizon, detail::minus_infinity), last(horizon + 1, detail::minus_infinity);
  for (std::size_t i = 0; i < episodes(); ++i) {
    for (std::size_t t = 0; t < length(i); ++t) most[t] = std::max(most[t], log_rho_[offsets_[i] + t]);
    last[length(i)] = std::max(last[length(i)], log_rho_[offsets_[i + 1] - 1]);
  }
  double over = detail::minus_infinity;
  for (std::size_t t = 0; t < horizon; ++t) most[t] = std::max(most[t], over = std::max(over, last[t]));
  for (std::size_t i = 0; i < episodes(); ++i)
    for (std::size_t t = 0; t < length(i); ++t) {
      const double rho = log_rho_[offsets_[i] + t];
      rho_.push_back(rho == detail::minus_infinity ? 0 : std::exp(rho - most[t]));
    }
  fading_.assign(horizon, 1);
  for (std::size_t t = 1; t < horizon; ++t) {
    if (most[t] == detail::minus_infinity) continue;  // all weights are 0 from here on
    fading_[t] = std::exp(most[t - 1] - most[t]);
    steep_ = steep_ || std::abs(most[t - 1] - most[t]) > 500;
  }
}

TESSERA_INLINE double StepwiseTerms::value(Drawn drawn) const {
  if (steep_) return exact_value(drawn);
  const auto horizon = longest(drawn);
  // Of each time t: the sums of rho_t, of rho_t x_t and rho_t y_{t+1}, and of the last rho of episodes of t steps.
  struct Sums {
    double weights = 0, x = 0, y = 0, over = 0;
  };
  std::vector<Sums> sums(horizon + 1);
  double first = 0;
  for (const auto i : drawn) {
    const auto count = length(i);
    const double* rho = rho_.data() + offsets_[i];
    const double* x = x_.data() + offsets_[i];
    for (std::size_t t = 0; t < count; ++t) {
      sums[t].weights += rho[t];
      sums[t].x += rho[t] * x[t];
    }
    sums[count].over += rho[count - 1];
    if (y_.empty()) continue;
    const double* y = y_.data() + offsets_[i] + i;
    first += y[0];
    for (std::size_t t = 0; t < count; ++t) sums[t].y += rho[t] * y[t + 1];
  }
  double total = first / double(drawn.size()), over = 0;
  for (std::size_t t = 0; t < horizon; ++t) {
    over = (over + sums[t].over) * fading_[t];
    const double weights = sums[t].weights + over;
    if (!(weights > 0)) return exact_value(drawn);
    total += (sums[t].x + sums[t].y) / weights;
  }
  return total;
}

// The same with weights that are scaled by the largest of those drawn.
TESSERA_INLINE double StepwiseTerms::exact_value(Drawn drawn) const {
  double total = 0;
  for (const auto i : drawn) total += y_.empty() ? 0 : y_[offsets_[i] + i] / double(drawn.size());
  for (std::size_t t = 0; t < longest(drawn); ++t) {
    double most = detail::minus_infinity, weights = 0, sum = 0;
    for (const auto i : drawn) most = std::max(most, log_rho(i, t));
    if (most == detail::minus_infinity) return detail::not_a_number;
    for (const auto i : drawn) {
      const double rho = std::exp(log_rho(i, t) - most);
      weights += rho;
      if (t < length(i)) sum += rho * (x_[offsets_[i] + t] + (y_.empty() ? 0 : y_[offsets_[i] + i + t + 1]));
    }
    total += sum / weights;
  }
  return total;
}
}  // namespace tessera::ope
