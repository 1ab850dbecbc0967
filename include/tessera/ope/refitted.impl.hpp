#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include <tessera/ope/refitted.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::ope {
namespace detail {
// How many steps on average lie behind a state until its episodes are over: what sweeps go by, so that values travel
// against time in one of them.
inline std::vector<double> steps_to_go(const tabular::Log& log, std::size_t states) {
  std::vector<double> sum(states), count(states);
  for (std::int64_t i = 0; i < log.episodes(); ++i)
    for (auto k = log.first[std::size_t(i)]; k < log.end(i); ++k) {
      const auto s = std::size_t(log.steps[std::size_t(k)].state);
      sum[s] += double(log.end(i) - k), count[s] += 1;
    }
  for (std::size_t s = 0; s < states; ++s)
    if (count[s] > 0) sum[s] /= count[s];
  return sum;
}
}  // namespace detail

TESSERA_INLINE RefittedTerms::RefittedTerms(std::int64_t states, const tabular::Log& log, Table policy, double discount,
                                            double kappa)
    : states_(std::size_t(states)), discount_(discount), kappa_(kappa), state_begin_(states_ + 1), order_(states_),
      other_policy_(states_), v_(states_ + 1) {
  detail::require_table("the policy", policy, states, policy.cols());
  if (!(kappa >= 0 && std::isfinite(kappa)))
    throw Error("fitted Q evaluation: kappa " + std::to_string(kappa) + " is no strength of a prior; give 0 or more");
  if (log.episodes() == 0) throw Error("fitted Q evaluation: the log has no episodes; give one with some");
  std::map<std::pair<std::int64_t, std::int64_t>, std::size_t> pairs;
  for (std::int64_t i = 0; i < log.episodes(); ++i) {
    first_.push_back(std::size_t(log.first[std::size_t(i)]));
    start_.push_back(std::size_t(log.steps[first_.back()].state));
    for (auto k = log.first[std::size_t(i)]; k < log.end(i); ++k) {
      const auto& step = log.steps[std::size_t(k)];
      detail::require_inside(step, states, policy.cols(),
                             [&] { return "fitted Q evaluation: step " + std::to_string(k) + " of the log"; });
      const auto [found, is_new] = pairs.try_emplace({step.state, step.action}, pairs.size());
      if (is_new) {
        pair_policy_.push_back(policy(step.state, step.action));
        pair_state_.push_back(std::size_t(step.state));
      }
      moves_.push_back({std::size_t(i), found->second, std::size_t(step.state),
                        step.ended ? states_ : std::size_t(step.next), step.reward});
    }
  }
  first_.push_back(moves_.size());
  for (std::size_t s = 0; s < states_; ++s) other_policy_[s] = policy.row(Eigen::Index(s)).sum();
  for (std::size_t p = 0; p < pair_policy_.size(); ++p) other_policy_[pair_state_[p]] -= pair_policy_[p];

  std::stable_sort(moves_.begin(), moves_.end(), [](const Move& a, const Move& b) { return a.state < b.state; });
  for (const auto& move : moves_) ++state_begin_[move.state + 1];
  std::partial_sum(state_begin_.begin(), state_begin_.end(), state_begin_.begin());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  const auto to_go = detail::steps_to_go(log, states_);
  std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return to_go[a] < to_go[b]; });

  if (!solve(weights(std::vector<double>(episodes(), 1)), v_)) {
    undefined =
        "the value is not finite: in the fitted model the policy does not come to an end; give a discount below 1";
    std::fill(v_.begin(), v_.end(), 0);
  }
}

// c_j of each move, where the episodes count `times`.
TESSERA_INLINE std::vector<double> RefittedTerms::weights(const std::vector<double>& times) const {
  std::vector<double> of_pair(pair_policy_.size()), of_state(states_);
  for (const auto& move : moves_)
    of_pair[move.pair] += times[move.episode], of_state[move.state] += times[move.episode];
  // pi(a|s) / (n(s, a) + kappa), and its sum over actions.
  std::vector<double> sum(states_);
  if (kappa_ > 0)
    for (std::size_t s = 0; s < states_; ++s) sum[s] = other_policy_[s] / kappa_;
  for (std::size_t p = 0; p < of_pair.size(); ++p) {
    const double n = of_pair[p] + kappa_;
    of_pair[p] = n > 0 ? pair_policy_[p] / n : 0;
    sum[pair_state_[p]] += of_pair[p];
  }
  std::vector<double> out(moves_.size());
  for (std::size_t j = 0; j < moves_.size(); ++j) {
    const auto& move = moves_[j];
    if (const double m = times[move.episode]; m > 0)
      out[j] = m * (of_pair[move.pair] + kappa_ * sum[move.state] / of_state[move.state]);
  }
  return out;
}

// Sweeps until no value moves any more; false where that does not come.
TESSERA_INLINE bool RefittedTerms::solve(const std::vector<double>& weight, std::vector<double>& v) const {
  constexpr int most = 20'000;
  constexpr double precision = 1e-10;
  for (int sweep = 0; sweep < most; ++sweep) {
    double moved = 0, largest = 0;
    for (const auto s : order_) {
      double out = 0;
      for (auto j = state_begin_[s]; j < state_begin_[s + 1]; ++j)
        if (weight[j] != 0) out += weight[j] * (moves_[j].reward + discount_ * v[moves_[j].to]);
      moved = std::max(moved, std::abs(out - v[s]));
      largest = std::max(largest, std::abs(out));
      v[s] = out;
    }
    if (!std::isfinite(largest)) return false;
    if (moved <= precision * (1 + largest)) return true;
  }
  return false;
}

TESSERA_INLINE double RefittedTerms::value(Drawn drawn) const {
  std::vector<double> times(episodes());
  for (const auto i : drawn) times[i] += 1;
  auto v = v_;
  if (drawn.empty() || !solve(weights(times), v)) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const auto i : drawn) sum += v[start_[i]];
  return sum / double(drawn.size());
}

TESSERA_INLINE Estimate refitted_estimate(std::int64_t states, const tabular::Log& log, const Table& policy,
                                          double discount, double kappa, const IntervalOptions& options) {
  return estimate_of("fqe", RefittedTerms(states, log, policy, discount, kappa), options);
}
}  // namespace tessera::ope
