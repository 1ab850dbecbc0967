#pragma once
#include <cstdint>
#include <string>

#include <tessera/support/inline.hpp>
#include <tessera/tabular/conservative.hpp>

namespace tessera::tabular {
TESSERA_INLINE Table conservative_penalty(const FiniteMdp& mdp, const Table& mu, const Table& b, double weight,
                                          push_up up) {
  require_policy(mdp, mu);
  require_policy(mdp, b);
  if (!(weight >= 0))
    throw Error("a conservative penalty of weight " + std::to_string(weight) + "; it must not be negative");
  Table penalty = Table::Zero(mdp.states(), mdp.actions());
  for (std::int64_t s = 0; s < mdp.states(); ++s) {
    if (mdp.terminal(s)) continue;
    for (std::int64_t a = 0; a < mdp.actions(); ++a) {
      if (b(s, a) == 0 && mu(s, a) != 0)
        throw Error("a conservative penalty: mu has probability " + std::to_string(mu(s, a)) + " at state " +
                    std::to_string(s) + ", action " + std::to_string(a) +
                    ", where the behavior has 0; restrict it to the behavior's actions");
      if (b(s, a) > 0) penalty(s, a) = weight * (mu(s, a) / b(s, a) - (up == push_up::on_data ? 1 : 0));
    }
  }
  return penalty;
}

TESSERA_INLINE Table mixed_penalty(const FiniteMdp& mdp, const Table& rho, const Table& logged, const Table& imagined,
                                   double f, double weight) {
  if (!(f >= 0 && f <= 1))
    throw Error("a mixed penalty with a logged part of " + std::to_string(f) + "; it lies between 0 and 1");
  Table penalty = Table::Zero(mdp.states(), mdp.actions());
  for (std::int64_t s = 0; s < mdp.states(); ++s)
    for (std::int64_t a = 0; a < mdp.actions(); ++a) {
      const double mixed = f * logged(s, a) + (1 - f) * imagined(s, a);
      if (mixed == 0 && rho(s, a) != 0)
        throw Error("a mixed penalty: rho has probability " + std::to_string(rho(s, a)) + " at state " +
                    std::to_string(s) + ", action " + std::to_string(a) +
                    ", where batches have none; restrict it to what is logged or imagined");
      if (mixed > 0) penalty(s, a) = weight * (rho(s, a) - logged(s, a)) / mixed;
    }
  return penalty;
}

TESSERA_INLINE Table penalized_action_values(const FiniteMdp& mdp, const Table& pi, const Table& penalty) {
  const Vector v = PolicyEquations(mdp, pi).values(mean_under(pi, mdp.rewards() - penalty));
  return action_values(mdp, v) - penalty;
}

TESSERA_INLINE Table conservative_action_values(const FiniteMdp& mdp, const Table& pi, const Table& mu, const Table& b,
                                                double weight, push_up up) {
  return penalized_action_values(mdp, pi, conservative_penalty(mdp, mu, b, weight, up));
}
}  // namespace tessera::tabular
