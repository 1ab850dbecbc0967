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

/// The fixed point of CQL's critic for a policy pi, with exact expectations, (S, A):
///   Q = r + discount P^pi Q - penalty
/// the least of  E_b[(Q - (r + discount P^pi Qbar))^2] / 2 + weight (E_mu[Q] - (on_data ? E_b[Q] : 0)), iterated.
/// Source: Kumar et al. 2020 (CQL), equations 1 and 2 and appendix C.
inline Table conservative_action_values(const FiniteMdp& mdp, const Table& pi, const Table& mu, const Table& b, double weight,
                                        push_up up) {
  const Table penalty = conservative_penalty(mdp, mu, b, weight, up);
  const Vector v = PolicyEquations(mdp, pi).values(mean_under(pi, mdp.rewards() - penalty));
  return action_values(mdp, v) - penalty;
}
}  // namespace tessera::tabular
