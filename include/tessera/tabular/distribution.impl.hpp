#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/distribution.hpp>

namespace tessera::tabular::detail {
TESSERA_INLINE std::vector<Eigen::Index> rising(const RowView& q, const RowView& b) {
  std::vector<Eigen::Index> order;
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) order.push_back(a);
  if (order.empty()) throw Error("a statistic of no values: every probability is 0");
  std::stable_sort(order.begin(), order.end(), [&](auto x, auto y) { return q[x] < q[y]; });
  return order;
}

TESSERA_INLINE void require_within(const char* name, double x, double low, double high) {
  if (!(x > low && x < high))
    throw Error(std::string(name) + " is " + std::to_string(x) + "; it must lie between " + std::to_string(low) +
                " and " + std::to_string(high));
}

TESSERA_INLINE void require_above_zero(const char* name, double x) {
  if (!(x > 0) || !std::isfinite(x))
    throw Error(std::string(name) + " is " + std::to_string(x) + "; it must be positive");
}
}  // namespace tessera::tabular::detail

namespace tessera::tabular {
TESSERA_INLINE double mean(const RowView& q, const RowView& b) {
  double sum = 0;
  for (const auto a : detail::rising(q, b)) sum += b[a] * q[a];
  return sum;
}

TESSERA_INLINE double expectile(const RowView& q, const RowView& b, double tau) {
  detail::require_within("an expectile's tau", tau, 0, 1);
  const auto order = detail::rising(q, b);
  double mass = 0, sum = 0, mass_below = 0, sum_below = 0;
  for (const auto a : order) mass += b[a], sum += b[a] * q[a];
  for (std::size_t i = 0; i < order.size(); ++i) {
    mass_below += b[order[i]], sum_below += b[order[i]] * q[order[i]];
    const double m =
        ((1 - tau) * sum_below + tau * (sum - sum_below)) / ((1 - tau) * mass_below + tau * (mass - mass_below));
    if (i + 1 == order.size() || m <= q[order[i + 1]]) return std::clamp(m, q[order.front()], q[order.back()]);
  }
  return q[order.back()];
}

TESSERA_INLINE double quantile(const RowView& q, const RowView& b, double tau) {
  detail::require_within("a quantile's tau", tau, 0, 1);
  const auto order = detail::rising(q, b);
  double below = 0;
  for (const auto a : order)
    if ((below += b[a]) >= tau - 1e-12) return q[a];  // .5 + .3 may fall short of .8
  return q[order.back()];
}

TESSERA_INLINE double kl_value(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  // less = sum - mass, accumulated by itself: it is much smaller than both if alpha is large.
  double mass = 0, sum = 0, less = 0;
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) {
      mass += b[a];
      sum += b[a] * std::exp((q[a] - top) / alpha);
      less += b[a] * std::expm1((q[a] - top) / alpha);
    }
  return top + alpha * (2 * sum > mass ? std::log(mass) + std::log1p(less / mass) : std::log(sum));
}

TESSERA_INLINE Row kl_policy(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  Row pi = Row::Zero(q.size());
  for (Eigen::Index a = 0; a < q.size(); ++a)
    if (b[a] > 0) pi[a] = b[a] * std::exp((q[a] - top) / alpha);
  return pi / pi.sum();
}

TESSERA_INLINE double kl_divergence(const RowView& p, const RowView& b) {
  double sum = 0;
  for (Eigen::Index a = 0; a < p.size(); ++a) {
    if (p[a] <= 0) continue;
    if (b[a] <= 0) return std::numeric_limits<double>::infinity();
    sum += p[a] * std::log(p[a] / b[a]);
  }
  return sum;
}

TESSERA_INLINE Row forward_kl_policy(const RowView& q, const RowView& b, double alpha) {
  detail::require_above_zero("alpha", alpha);
  const double top = greatest(q, b);
  // In terms of nu - top, so that no digits are lost where alpha is small compared with q.
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

TESSERA_INLINE double sparse_value(const RowView& q, const RowView& b, double alpha) {
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

TESSERA_INLINE Table kl_policies(const Table& q, const Table& b, double alpha) {
  Table pi = Table::Zero(q.rows(), q.cols());
  for (Eigen::Index s = 0; s < q.rows(); ++s)
    if (b.row(s).maxCoeff() > 0) pi.row(s) = kl_policy(q.row(s), b.row(s), alpha);
  return pi;
}

TESSERA_INLINE double mean_kl(const Table& p, const Table& b, const Vector& weights) {
  double sum = 0;
  for (Eigen::Index s = 0; s < p.rows(); ++s)
    if (weights[s] > 0) sum += weights[s] * kl_divergence(p.row(s), b.row(s));
  return sum;
}

TESSERA_INLINE double alpha_for_kl(const Table& q, const Table& b, const Vector& weights, double budget) {
  detail::require_above_zero("a KL budget", budget);
  double range = 0;
  for (Eigen::Index s = 0; s < q.rows(); ++s)
    if (weights[s] > 0)
      range = std::max(range, greatest(q.row(s), b.row(s)) - q(s, detail::rising(q.row(s), b.row(s)).front()));
  if (range == 0) return 1;  // all policies are equally good: KL is 0 for any alpha
  double low = std::log(1e-12 * range), high = std::log(1e12 * range);
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    (mean_kl(kl_policies(q, b, std::exp(middle)), b, weights) > budget ? low : high) = middle;
  }
  return std::exp(high);
}

TESSERA_INLINE double alpha_for_kl(const RowView& q, const RowView& b, double budget) {
  return alpha_for_kl(Table(q), Table(b), Vector::Ones(1), budget);
}
}  // namespace tessera::tabular
