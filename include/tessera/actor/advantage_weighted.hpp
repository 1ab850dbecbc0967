#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/target.hpp>

namespace tessera {
/// Advantage-weighted regression:
///   minimize -E_D w log pi(a|s),   w = min(exp(beta A(s,a)), max_weight)
/// w is a constant of the minimization.  A comes from the value slot.
/// Source: Peng et al. 2019 (AWR), equation 8; clip as in Kostrikov et al. 2021 (IQL), equation 7.
struct AdvantageWeighted {
  using role = role::actor_objective;
  struct params {
    double beta = 3.0;
    double max_weight = 100.0;

    static constexpr doc docs[] = {
        {"beta", "inverse temperature, per unit of (normalized) return; 0 is behavior cloning (IQL: 3, mazes 10)", 0},
        {"max_weight", "bound of the weight, applied after the exponential", 0},
    };
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "-E w log pi(a_D|s), w = min(exp(beta A), max_weight)";
  static constexpr const char* source = "Peng et al. 2019, eq. 8; Kostrikov et al. 2021, eq. 7";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = math::exp_weight(step.advantage(), h.beta, h.max_weight);
    return {"actor/awr", math::weighted_nll(w, step.pi(now).log_prob(step.action()))};
  }
};
static_assert(ActorObjective<AdvantageWeighted>);
}  // namespace tessera
