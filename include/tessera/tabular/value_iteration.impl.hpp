#pragma once
#include <cmath>
#include <cstdint>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/value_iteration.hpp>

namespace tessera::tabular {
TESSERA_INLINE Table greedy_policy(const Table& q, const Table& allowed) {
  Table policy = Table::Zero(q.rows(), q.cols());
  for (Eigen::Index s = 0; s < q.rows(); ++s) {
    Eigen::Index best = -1;
    for (Eigen::Index a = 0; a < q.cols(); ++a)
      if (allowed(s, a) > 0 && (best < 0 || q(s, a) > q(s, best))) best = a;
    if (best >= 0) policy(s, best) = 1;
  }
  return policy;
}

TESSERA_INLINE Values optimal_values(const FiniteMdp& mdp, const Sweeps& sweeps) {
  return fixed_point(
      mdp, [](std::int64_t, const RowView& q) { return q.maxCoeff(); }, sweeps);
}
TESSERA_INLINE Table supported(const Table& counts, double min) {
  return counts.unaryExpr([min](double n) { return n >= min ? 1.0 : 0.0; });
}
TESSERA_INLINE Values in_sample_values(const FiniteMdp& mdp, const Table& allowed, const Sweeps& sweeps) {
  const auto backup = [&](std::int64_t s, const RowView& q) {
    return allowed.row(s).maxCoeff() > 0 ? greatest(q, allowed.row(s)) : 0.0;
  };
  return fixed_point(mdp, backup, sweeps);
}

TESSERA_INLINE Table with_fallback(Table policy, const Table& other) {
  for (Eigen::Index s = 0; s < policy.rows(); ++s)
    if (policy.row(s).maxCoeff() == 0) policy.row(s) = other.row(s);
  return policy;
}

TESSERA_INLINE Values kl_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps) {
  require_policy(mdp, b);
  return fixed_point(
      mdp, [&](std::int64_t s, const RowView& q) { return kl_value(q, b.row(s), alpha); }, sweeps);
}

TESSERA_INLINE Values expectile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps) {
  require_policy(mdp, b);
  return fixed_point(
      mdp, [&](std::int64_t s, const RowView& q) { return expectile(q, b.row(s), tau); }, sweeps);
}

TESSERA_INLINE Values quantile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps) {
  require_policy(mdp, b);
  return fixed_point(
      mdp, [&](std::int64_t s, const RowView& q) { return quantile(q, b.row(s), tau); }, sweeps);
}

TESSERA_INLINE Values sparse_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps) {
  require_policy(mdp, b);
  return fixed_point(
      mdp, [&](std::int64_t s, const RowView& q) { return sparse_value(q, b.row(s), alpha); }, sweeps);
}

TESSERA_INLINE Values soft_values(const FiniteMdp& mdp, const Table& allowed, double alpha, const Sweeps& sweeps) {
  const Table one = allowed.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.0; });
  return fixed_point(
      mdp, [&](std::int64_t s, const RowView& q) { return kl_value(q, one.row(s), alpha); }, sweeps);
}

TESSERA_INLINE Values soft_values(const FiniteMdp& mdp, double alpha, const Sweeps& sweeps) {
  return soft_values(mdp, Table::Ones(mdp.states(), mdp.actions()), alpha, sweeps);
}
TESSERA_INLINE FiniteMdp with_log_prior(const FiniteMdp& mdp, const Table& b, double alpha) {
  require_policy(mdp, b);
  Table r = mdp.rewards();
  for (Eigen::Index s = 0; s < r.rows(); ++s)
    for (Eigen::Index a = 0; a < r.cols(); ++a)
      if (!mdp.terminal(s) && b(s, a) > 0) r(s, a) += alpha * std::log(b(s, a));
  return mdp.with_rewards(r);
}
}  // namespace tessera::tabular
