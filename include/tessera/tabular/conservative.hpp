#pragma once
#include <cstdint>
#include <string>

#include <tessera/tabular/evaluation.hpp>
#include <tessera/tabular/finite_mdp.hpp>

namespace tessera::tabular {
/// Which of CQL's two objectives is meant.
enum class push_up {
  none,     ///< Q is pushed down under mu alone: a lower bound of every Q(s, a) (CQL, equation 1, theorem 3.1)
  on_data,  ///< and up under b: a lower bound of the values only (CQL, equation 2, theorem 3.2)
};

/// What the objective takes off a pair's target, (S, A):
///   push_up::none      weight mu(a|s) / b(a|s)
///   push_up::on_data   weight (mu(a|s) / b(a|s) - 1)
/// and nothing where b is 0, because no data ask for it; mu must be 0 there.
inline Table conservative_penalty(const FiniteMdp& mdp, const Table& mu, const Table& b, double weight, push_up up) {
  require_policy(mdp, mu);
  require_policy(mdp, b);
  if (!(weight >= 0)) throw Error("a conservative penalty of weight " + std::to_string(weight) + "; it must not be negative");
  Table penalty = Table::Zero(mdp.states(), mdp.actions());
  for (std::int64_t s = 0; s < mdp.states(); ++s) {
    if (mdp.terminal(s)) continue;
    for (std::int64_t a = 0; a < mdp.actions(); ++a) {
      if (b(s, a) == 0 && mu(s, a) != 0)
        throw Error("a conservative penalty: mu has probability " + std::to_string(mu(s, a)) + " at state " + std::to_string(s) +
                    ", action " + std::to_string(a) + ", where the behaviour has 0; restrict it to the behaviour's actions");
      if (b(s, a) > 0) penalty(s, a) = weight * (mu(s, a) / b(s, a) - (up == push_up::on_data ? 1 : 0));
    }
  }
  return penalty;
}

/// What COMBO's objective takes off a pair's target, (S, A):
///   weight (rho(s,a) - d(s,a)) / d_f(s,a),   d_f = f d + (1 - f) d_model
/// from distributions over pairs, each of sum 1: `rho`, pushed down; `logged`, d, pushed up; `imagined`, d_model; f the logged part of
/// a batch.  Nothing where d_f is 0, because nothing is asked there; rho must be 0 there.
/// Source: Yu et al. 2021 (COMBO), equation 3.
inline Table mixed_penalty(const FiniteMdp& mdp, const Table& rho, const Table& logged, const Table& imagined, double f, double weight) {
  if (!(f >= 0 && f <= 1)) throw Error("a mixed penalty with a logged part of " + std::to_string(f) + "; it lies between 0 and 1");
  Table penalty = Table::Zero(mdp.states(), mdp.actions());
  for (std::int64_t s = 0; s < mdp.states(); ++s)
    for (std::int64_t a = 0; a < mdp.actions(); ++a) {
      const double mixed = f * logged(s, a) + (1 - f) * imagined(s, a);
      if (mixed == 0 && rho(s, a) != 0)
        throw Error("a mixed penalty: rho has probability " + std::to_string(rho(s, a)) + " at state " + std::to_string(s) + ", action " +
                    std::to_string(a) + ", where batches have none; restrict it to what is logged or imagined");
      if (mixed > 0) penalty(s, a) = weight * (rho(s, a) - logged(s, a)) / mixed;
    }
  return penalty;
}

/// The fixed point of a policy's critic with a penalty on every pair, (S, A):  Q = r + discount P^pi Q - penalty.
inline Table penalised_action_values(const FiniteMdp& mdp, const Table& pi, const Table& penalty) {
  const Vector v = PolicyEquations(mdp, pi).values(mean_under(pi, mdp.rewards() - penalty));
  return action_values(mdp, v) - penalty;
}

/// The fixed point of CQL's critic for a policy pi, with exact expectations, (S, A):
///   Q = r + discount P^pi Q - penalty
/// the least of  E_b[(Q - (r + discount P^pi Qbar))^2] / 2 + weight (E_mu[Q] - (on_data ? E_b[Q] : 0)), iterated.
/// Source: Kumar et al. 2020 (CQL), equations 1 and 2 and appendix C.
inline Table conservative_action_values(const FiniteMdp& mdp, const Table& pi, const Table& mu, const Table& b, double weight,
                                        push_up up) {
  return penalised_action_values(mdp, pi, conservative_penalty(mdp, mu, b, weight, up));
}
}  // namespace tessera::tabular
