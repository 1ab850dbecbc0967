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
/// How a state's value follows from its action values:  `backup(s, q)` is V(s), q the row Q(s, .).
template <class B>
concept Backup = requires(const B& backup, std::int64_t s, const Table& q) {
  { backup(s, RowView(q.row(0))) } -> std::convertible_to<double>;
};

/// When the iteration below stops.
struct Sweeps {
  double tolerance = 1e-13;      ///< largest change of a value, relative to the largest |V| (at least 1)
  std::int64_t max = 1'000'000;  ///< more sweeps than this are an `Error`
};

/// V (S) and Q (S, A) that are consistent:  V(s) = backup(s, Q(s, .)),  Q = r + discount P V.
struct Values {
  Vector v;
  Table q;
};

/// The fixed point of a backup, by sweeps over all states from V = 0.  A backup that is a nonexpansion in q gives a
/// contraction if discount < 1; with discount 1 the sweeps converge if episodes end.
template <Backup B>
Values fixed_point(const FiniteMdp& mdp, const B& backup, const Sweeps& sweeps = {}) {
  Vector v = Vector::Zero(mdp.states());
  for (std::int64_t sweep = 0; sweep < sweeps.max; ++sweep) {
    Table q = action_values(mdp, v);
    Vector after = Vector::Zero(mdp.states());
    for (std::int64_t s = 0; s < mdp.states(); ++s)
      if (!mdp.terminal(s)) after[s] = backup(s, q.row(s));
    const double moved = (after - v).cwiseAbs().maxCoeff(), size = std::max(1.0, after.cwiseAbs().maxCoeff());
    if (!std::isfinite(moved)) break;
    v = std::move(after);
    if (moved <= sweeps.tolerance * size) return {v, action_values(mdp, v)};
  }
  throw Error("value iteration: no fixed point in " + std::to_string(sweeps.max) + " sweeps with discount " +
              std::to_string(mdp.discount()) + "; use a smaller discount, or a problem whose episodes end");
}

/// The greedy policy, as a table of probabilities: the action with the largest q among those with allowed(s, a) > 0,
/// the first one of a tie; rows that allow no action stay zero.
Table greedy_policy(const Table& q, const Table& allowed);
inline Table greedy_policy(const Table& q) { return greedy_policy(q, Table::Ones(q.rows(), q.cols())); }

/// V*(s) = max_a Q*(s, a).
Values optimal_values(const FiniteMdp& mdp, const Sweeps& sweeps = {});

/// Which actions were seen often enough, as 0 and 1, (S, A): counts(s, a) >= min.
Table supported(const Table& counts, double min);

/// V(s) = max { Q(s, a) : allowed(s, a) > 0 }: the limit of in-sample methods, such as the expectile's as tau goes to
/// 1.  In a state that allows no action it is 0, as if the episode ended there.
Values in_sample_values(const FiniteMdp& mdp, const Table& allowed, const Sweeps& sweeps = {});

/// A policy in which the rows that are all zero, as `greedy_policy` leaves them, are taken from another one.
Table with_fallback(Table policy, const Table& other);

/// V(s) = alpha log sum_a b(a|s) exp(Q(s, a) / alpha): KL-regularized value iteration, the values of XQL and EQL.
Values kl_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps = {});

/// V(s) = the tau-expectile of Q(s, a), a ~ b: the values of IQL.
Values expectile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps = {});

/// V(s) = the tau-quantile of Q(s, a), a ~ b.
Values quantile_values(const FiniteMdp& mdp, const Table& b, double tau, const Sweeps& sweeps = {});

/// V(s) of sparse Q-learning: `sparse_value` of Q(s, a), a ~ b.
Values sparse_values(const FiniteMdp& mdp, const Table& b, double alpha, const Sweeps& sweeps = {});

/// V(s) = alpha log sum_a exp(Q(s, a) / alpha) over actions with allowed(s, a) > 0: soft (MaxEnt) value iteration, the
/// values of SAC.  Its policy is exp((Q - V) / alpha).
Values soft_values(const FiniteMdp& mdp, const Table& allowed, double alpha, const Sweeps& sweeps = {});
Values soft_values(const FiniteMdp& mdp, double alpha, const Sweeps& sweeps = {});

/// The problem with reward  r(s, a) + alpha log b(a|s): its soft values are the KL-regularized values of the original
/// one, with equal V, and Q larger by alpha log b.  Pairs with b = 0 keep their reward: leave them out of the soft
/// maximum.
FiniteMdp with_log_prior(const FiniteMdp& mdp, const Table& b, double alpha);
}  // namespace tessera::tabular

#ifndef TESSERA_COMPILED
#include <tessera/tabular/value_iteration.impl.hpp>
#endif
