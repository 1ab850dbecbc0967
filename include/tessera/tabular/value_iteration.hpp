#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

#include <tessera/tabular/distribution.hpp>
#include <tessera/tabular/evaluation.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// How a state's value follows from its actions':  `backup(s, q)` is V(s), q the row Q(s, .).
template <class B>
concept Backup = requires(const B& backup, std::int64_t s, const Table& q) {
  { backup(s, RowView(q.row(0))) } -> std::convertible_to<double>;
};

/// Of the iteration below.
struct Sweeps {
  double tolerance = 1e-13;      ///< it stops when no value moves by more than this, relative to the greatest |V| (at least 1)
  std::int64_t most = 1'000'000;  ///< sweeps, after which it is an `Error`
};

/// V (S) and Q (S, A) that agree:  V(s) = backup(s, Q(s, .)),  Q = r + discount P V.
struct Values {
  Vector v;
  Table q;
};

/// The fixed point of a backup, by sweeps over all states from V = 0.  A backup that moves no further than its q is a
/// contraction where discount < 1; with discount 1 the sweeps end where episodes do.
template <Backup B>
Values fixed_point(const FiniteMdp& mdp, const B& backup, const Sweeps& sweeps = {}) {
  Vector v = Vector::Zero(mdp.states());
  for (std::int64_t sweep = 0; sweep < sweeps.most; ++sweep) {
    Table q = action_values(mdp, v);
    Vector after = Vector::Zero(mdp.states());
    for (std::int64_t s = 0; s < mdp.states(); ++s)
      if (!mdp.terminal(s)) after[s] = backup(s, q.row(s));
    const double moved = (after - v).cwiseAbs().maxCoeff(), size = std::max(1.0, after.cwiseAbs().maxCoeff());
    if (!std::isfinite(moved)) break;
    v = std::move(after);
    if (moved <= sweeps.tolerance * size) return {v, action_values(mdp, v)};
  }
  throw Error("value iteration: no fixed point in " + std::to_string(sweeps.most) + " sweeps with discount " +
              std::to_string(mdp.discount()) + "; use a smaller discount, or a problem whose episodes end");
}

/// The action of greatest q among those with allowed(s, a) > 0, the first of equals, as probabilities; rows that allow
/// none stay zero.
inline Table greedy_policy(const Table& q, const Table& allowed) {
  Table policy = Table::Zero(q.rows(), q.cols());
  for (Eigen::Index s = 0; s < q.rows(); ++s) {
    Eigen::Index best = -1;
    for (Eigen::Index a = 0; a < q.cols(); ++a)
      if (allowed(s, a) > 0 && (best < 0 || q(s, a) > q(s, best))) best = a;
    if (best >= 0) policy(s, best) = 1;
  }
  return policy;
}
inline Table greedy_policy(const Table& q) { return greedy_policy(q, Table::Ones(q.rows(), q.cols())); }

/// V*(s) = max_a Q*(s, a).
inline Values optimal_values(const FiniteMdp& mdp, const Sweeps& sweeps = {}) {
  return fixed_point(mdp, [](std::int64_t, const RowView& q) { return q.maxCoeff(); }, sweeps);
}

/// Which actions have been seen often enough, as 0 and 1, (S, A): counts(s, a) >= least.
inline Table supported(const Table& counts, double least) {
  return counts.unaryExpr([least](double n) { return n >= least ? 1.0 : 0.0; });
}

/// V(s) = max { Q(s, a) : allowed(s, a) > 0 }: what in-sample methods tend to as their level goes to its limit.  In a
/// state that allows none it is 0, as if the episode ended there.
inline Values in_sample_values(const FiniteMdp& mdp, const Table& allowed, const Sweeps& sweeps = {}) {
  const auto backup = [&](std::int64_t s, const RowView& q) {
    return allowed.row(s).maxCoeff() > 0 ? greatest(q, allowed.row(s)) : 0.0;
  };
  return fixed_point(mdp, backup, sweeps);
}

/// A policy with the rows that are all zero, as `greedy_policy` leaves them, taken from another one.
inline Table with_fallback(Table policy, const Table& other) {
  for (Eigen::Index s = 0; s < policy.rows(); ++s)
    if (policy.row(s).maxCoeff() == 0) policy.row(s) = other.row(s);
  return policy;
}

/// V(s) = alpha log sum_a b(a|s) exp(Q(s, a) / alpha): KL-regularised value iteration, the values of XQL and EQL.
inline Values kl_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps = {}) {
  require_policy(mdp, b);
  return fixed_point(mdp, [&](std::int64_t s, const RowView& q) { return kl_value(q, b.row(s), alpha); }, sweeps);
}

/// V(s) = the tau-expectile of Q(s, a), a ~ b: the values of IQL.
inline Values expectile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps = {}) {
  require_policy(mdp, b);
  return fixed_point(mdp, [&](std::int64_t s, const RowView& q) { return expectile(q, b.row(s), tau); }, sweeps);
}

/// V(s) = the tau-quantile of Q(s, a), a ~ b.
inline Values quantile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps = {}) {
  require_policy(mdp, b);
  return fixed_point(mdp, [&](std::int64_t s, const RowView& q) { return quantile(q, b.row(s), tau); }, sweeps);
}

/// V(s) of sparse Q-learning: `sparse_value` of Q(s, a), a ~ b.
inline Values sparse_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps = {}) {
  require_policy(mdp, b);
  return fixed_point(mdp, [&](std::int64_t s, const RowView& q) { return sparse_value(q, b.row(s), alpha); }, sweeps);
}

/// V(s) = alpha log sum_a exp(Q(s, a) / alpha) over actions with allowed(s, a) > 0: soft (MaxEnt) value iteration, the
/// values of SAC.  Its policy is exp((Q - V) / alpha).
inline Values soft_values(const FiniteMdp& mdp, const Table& allowed, double alpha, const Sweeps& sweeps = {}) {
  const Table one = allowed.unaryExpr([](double x) { return x > 0 ? 1.0 : 0.0; });
  return fixed_point(mdp, [&](std::int64_t s, const RowView& q) { return kl_value(q, one.row(s), alpha); }, sweeps);
}
inline Values soft_values(const FiniteMdp& mdp, double alpha, const Sweeps& sweeps = {}) {
  return soft_values(mdp, Table::Ones(mdp.states(), mdp.actions()), alpha, sweeps);
}

/// The problem with reward  r(s, a) + alpha log b(a|s): its soft values are the KL-regularised values of the first,
/// V equal and Q greater by alpha log b.  Pairs with b = 0 keep their reward: leave them out of the soft maximum.
inline FiniteMdp with_log_prior(const FiniteMdp& mdp, const Table& b, double alpha) {
  require_policy(mdp, b);
  Table r = mdp.rewards();
  for (Eigen::Index s = 0; s < r.rows(); ++s)
    for (Eigen::Index a = 0; a < r.cols(); ++a)
      if (!mdp.terminal(s) && b(s, a) > 0) r(s, a) += alpha * std::log(b(s, a));
  return mdp.with_rewards(r);
}
}  // namespace tessera::tabular
