#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <tessera/ope/estimator.hpp>

namespace tessera::ope {
/// An estimate that is a mean of one number x_i of each episode:  (1/n) sum_i x_i.
struct MeanTerms {
  std::vector<double> x{};
  std::string undefined{};
  std::vector<std::string> notes{};

  std::size_t episodes() const { return x.size(); }
  double value(Drawn drawn) const;
};

/// An estimate that is a weighted mean:  sum_i w_i x_i / sum_i w_i,  from log w_i.
/// The weights are scaled by their largest before they are exponentiated; where that leaves only zeros among the
/// episodes drawn, by the largest of these.  NaN where all are 0.
class WeightedTerms {
 public:
  WeightedTerms(std::vector<double> x, std::vector<double> log_weight);

  std::string undefined{};
  std::vector<std::string> notes{};

  std::size_t episodes() const { return x_.size(); }
  double value(Drawn drawn) const;

 private:
  std::vector<double> x_, log_weight_, weight_;
};

/// An estimate that is a sum over time of weighted means, with weights that are those of all episodes at the same time:
///   sum_t sum_i rho_{i,t} x_{i,t} / sum_i rho_{i,t}  +  sum_t sum_i rho_{i,t-1} y_{i,t} / sum_i rho_{i,t-1}
/// with rho_{i,t} = prod_{k <= t} rho_k, and rho_{i,-1} = 1.  An episode that is over is in an absorbing state, which
/// both policies stay in with x = y = 0: it keeps its last rho.  Without this the weights of later times would be those
/// of long episodes alone.
/// An episode of T steps has T numbers x, and T + 1 numbers y or none.  NaN where all weights of a time are 0.
class StepwiseTerms {
 public:
  /// `log_ratio` and `x` are of the log's steps; `y` is empty, or has a number more for each episode.
  StepwiseTerms(const EvaluationLog& log, std::vector<double> x, std::vector<double> y);

  std::string undefined{};
  std::vector<std::string> notes{};

  std::size_t episodes() const { return offsets_.size() - 1; }
  double value(Drawn drawn) const;

 private:
  double exact_value(Drawn drawn) const;
  std::size_t length(std::size_t i) const { return offsets_[i + 1] - offsets_[i]; }
  std::size_t longest(Drawn drawn) const;
  double log_rho(std::size_t i, std::size_t t) const;
  void scale();

  std::vector<std::size_t> offsets_;
  std::vector<double> x_, y_;
  std::vector<double> log_rho_;  // (steps) log rho_{0:t}
  std::vector<double> rho_;      // (steps) rho_{0:t}, divided by the largest of time t
  std::vector<double> fading_;   // (horizon) of time t: the largest of t - 1 divided by that of t
  bool steep_ = false;           // whether one of these is too large or small for sums that are carried from t - 1 to t
};

namespace detail {
/// log rho_{0:T-1} of each episode.
std::vector<double> trajectory_log_ratios(const EvaluationLog& log);
/// sum_t gamma^t r_t of each episode.
std::vector<double> discounted_returns(const EvaluationLog& log);
/// x exp(log_weight); 0 for a weight of 0, whatever x is.
double times_exp(double x, double log_weight);
/// Says in `undefined` where a weighted number is too large for one.
void require_no_overflow(MeanTerms& terms);
/// The mean of numbers that were weighted by these weights.  If all of these are 0, or a number overflowed, it has no
/// value, and says so.
MeanTerms mean_of_weighted(std::vector<double> x, std::span<const double> log_weight);
/// What is said where all of these weights are 0; empty where one is not.
std::string all_zero(std::span<const double> log_weight);
}  // namespace detail
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/ope/terms.impl.hpp>
#endif
