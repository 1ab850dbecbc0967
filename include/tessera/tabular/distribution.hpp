#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <tessera/tabular/finite_mdp.hpp>

/// Statistics of finitely many values q(a) under probabilities b(a), to the last digits: no steps, no samples.
/// Values where b is 0 do not count, whatever they are.
namespace tessera::tabular {
using Row = Eigen::RowVectorXd;                    ///< one number per action, (A)
using RowView = Eigen::Ref<const Eigen::RowVectorXd>;  ///< a row of a `Table`, without a copy

namespace detail {
/// The indices with b > 0, by rising q.
inline std::vector<Eigen::Index> rising(const RowView& q, const RowView& b) {
  std::vector<Eigen::Index> order;
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) order.push_back(a);
  if (order.empty()) throw Error("a statistic of no values: every probability is 0");
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return q[x] < q[y]; });
  return order;
}
/// Throws unless low < x < high.
inline void require_within(const char* name, double x, double low, double high) {
  if (!(x > low && x < high))
    throw Error(std::string(name) + " is " + std::to_string(x) + "; it must lie between " + std::to_string(low) + " and " +
                std::to_string(high));
}
inline void require_above_zero(const char* name, double x) {
  if (!(x > 0) || !std::isfinite(x)) throw Error(std::string(name) + " is " + std::to_string(x) + "; it must be positive");
}
}  // namespace detail

/// max { q(a) : b(a) > 0 }.
inline double greatest(const RowView& q, const RowView& b) { return q[detail::rising(q, b).back()]; }

/// sum_a b(a) q(a).
inline double mean(const RowView& q, const RowView& b) {
  double sum = 0;
  for (const auto a : detail::rising(q, b)) sum += b[a] * q[a];
  return sum;
}

/// The tau-expectile: m with  tau E_b[(q - m)_+] = (1 - tau) E_b[(m - q)_+].
/// Between two neighbouring values it is a weighted mean,  m = sum_a w_a b_a q_a / sum_a w_a b_a  with w = 1 - tau below
/// and tau above; the right gap is the one that holds its own mean.  Source: Newey, Powell 1987.
inline double expectile(const RowView& q, const RowView& b, double tau) {
  detail::require_within("an expectile's tau", tau, 0, 1);
  const auto order = detail::rising(q, b);
  double mass = 0, sum = 0, mass_below = 0, sum_below = 0;
  for (const auto a : order) mass += b[a], sum += b[a] * q[a];
  for (std::size_t i = 0; i < order.size(); ++i) {
    mass_below += b[order[i]], sum_below += b[order[i]] * q[order[i]];
    const double m = ((1 - tau) * sum_below + tau * (sum - sum_below)) / ((1 - tau) * mass_below + tau * (mass - mass_below));
    if (i + 1 == order.size() || m <= q[order[i + 1]]) return std::clamp(m, q[order.front()], q[order.back()]);
  }
  return q[order.back()];
}

/// The least value m with Pr_b(q <= m) >= tau.
inline double quantile(const RowView& q, const RowView& b, double tau) {
  detail::require_within("a quantile's tau", tau, 0, 1);
  const auto order = detail::rising(q, b);
  double below = 0;
  for (const auto a : order)
    if ((below += b[a]) >= tau - 1e-12) return q[a];  // .5 + .3 may fall short of .8
  return q[order.back()];
}

/// V_alpha = alpha log sum_a b(a) exp(q(a) / alpha): the value regularised by KL(. || b), also what the Gumbel loss of
/// XQL and EQL has as its least.  Between the mean (alpha to infinity) and the greatest value (alpha to 0).
inline double kl_value(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  double mass = 0, sum = 0, less = 0;  // less = sum - mass, kept apart: it is small against both where alpha is large
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) {
      mass += b[a];
      sum += b[a] * std::exp((q[a] - top) / alpha);
      less += b[a] * std::expm1((q[a] - top) / alpha);
    }
  return top + alpha * (2 * sum > mass ? std::log(mass) + std::log1p(less / mass) : std::log(sum));
}

/// pi(a) = b(a) exp(q(a) / alpha) / Z: the greatest of E_pi[q] - alpha KL(pi || b).
inline Row kl_policy(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  Row pi = Row::Zero(q.size());
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) pi[a] = b[a] * std::exp((q[a] - top) / alpha);
  return pi / pi.sum();
}

/// KL(p || b) = sum_a p(a) log(p(a) / b(a)); infinite where p leaves the support of b.
inline double kl_divergence(const RowView& p, const RowView& b) {
  double sum = 0;
  for (Eigen::Index a = 0; a < p.size(); ++a) {
    if (p[a] <= 0) continue;
    if (b[a] <= 0) return std::numeric_limits<double>::infinity();
    sum += p[a] * std::log(p[a] / b[a]);
  }
  return sum;
}

/// pi(a) = alpha b(a) / (nu - q(a)),  nu > max_{b > 0} q such that it sums to 1: the greatest of
/// E_pi[q] - alpha KL(b || pi).  The sum falls in nu, is at least 1 at max (q + alpha b) and at most 1 at max q + alpha.
inline Row forward_kl_policy(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  // In terms of nu - top, so that no digits are lost where alpha is small against q.
  const auto policy_at = [&](double excess) {
    Row pi = Row::Zero(q.size());
    for (Eigen::Index a = 0; a < q.size(); ++a)
      if (b[a] > 0) pi[a] = alpha * b[a] / (excess + (top - q[a]));
    return pi;
  };
  double low = 0, high = alpha;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (policy_at(middle).sum() > 1 ? low : high) = middle;
  }
  const Row pi = policy_at(high);
  return pi / pi.sum();
}

/// V of sparse Q-learning:  E_b[(1 + (q - V) / (2 alpha))_+] = 1.  Only values above V - 2 alpha count; with the k
/// greatest values,  V = (sum b q + 2 alpha (sum b - 1)) / sum b,  for the k that agrees with it.  The mean where alpha
/// is large.  Source: Xu et al. 2023 (SQL).
inline double sparse_value(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const auto order = detail::rising(q, b);
  double mass = 0, sum = 0, v = 0;
  for (std::size_t i = order.size(); i-- > 0;) {
    mass += b[order[i]], sum += b[order[i]] * q[order[i]];
    v = (sum + 2 * alpha * (mass - 1)) / mass;
    if (i > 0 && q[order[i - 1]] <= v - 2 * alpha) break;
  }
  return v;
}

/// pi_alpha of every state, (S, A): `kl_policy` by rows; rows where b is all zero stay zero.
inline Table kl_policies(const Table& q, const Table& b, double alpha) {
  Table pi = Table::Zero(q.rows(), q.cols());
  for (Eigen::Index s = 0; s < q.rows(); ++s)
    if (b.row(s).maxCoeff() > 0) pi.row(s) = kl_policy(q.row(s), b.row(s), alpha);
  return pi;
}

/// sum_s weights(s) KL(p(.|s) || b(.|s)).
inline double mean_kl(const Table& p, const Table& b, const Vector& weights) {
  double sum = 0;
  for (Eigen::Index s = 0; s < p.rows(); ++s)
    if (weights[s] > 0) sum += weights[s] * kl_divergence(p.row(s), b.row(s));
  return sum;
}

/// The alpha at which the closed-form policies spend a budget:  sum_s weights(s) KL(pi_alpha || b) = budget.
/// The dual of  max E[q]  with that much divergence; KL falls in alpha, so it is found by bisection in log alpha.
/// A budget that even alpha = 1e-12 times the range of q does not spend gives that alpha: the greedy policy.
inline double alpha_for_kl(const Table& q, const Table& b, const Vector& weights, double budget) {
  detail::require_above_zero("a KL budget", budget);
  double range = 0;
  for (Eigen::Index s = 0; s < q.rows(); ++s)
    if (weights[s] > 0) range = std::max(range, greatest(q.row(s), b.row(s)) - q(s, detail::rising(q.row(s), b.row(s)).front()));
  if (range == 0) return 1;  // every policy is as good: KL is 0 for any alpha
  double low = std::log(1e-12 * range), high = std::log(1e12 * range);
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (mean_kl(kl_policies(q, b, std::exp(middle)), b, weights) > budget ? low : high) = middle;
  }
  return std::exp(high);
}

/// The same for one distribution.
inline double alpha_for_kl(const RowView& q, const RowView& b, double budget) {
  return alpha_for_kl(Table(q), Table(b), Vector::Ones(1), budget);
}
}  // namespace tessera::tabular
