#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/target.hpp>

namespace tessera {
/// Advantage-weighted regression at the temperature t of the value:
///   minimize -E_D w log pi(a|s),   w = min(exp(sharpness A(s,a) / t), max_weight)
/// Where V is a soft maximum at t, b exp(A / t) is the policy that is best at KL cost t from the behavior b: sharpness
/// 1 imitates that one.  w is a constant of the minimization.
/// Source: Xu et al. 2023 (EQL), the authors' code.
struct BoltzmannWeighted {
  using role = role::actor_objective;
  struct params {
    double sharpness = 1.0;
    double max_weight = 100.0;

    static constexpr doc docs[] = {
        {"sharpness", "sharpness of the weights relative to the optimal policy's, which is 1 (EQL: 10)", 0},
        {"max_weight", "bound of the weight, applied after the exponential", 0},
    };
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::soft_maximum_value>>;
  static constexpr const char* formula =
      "-E w log pi(a_D|s), w = min(exp(sharpness A / t), max_weight), t of the value";
  static constexpr const char* source = "Xu et al. 2023, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = math::exp_weight(step.advantage(), h.sharpness / step.value_temperature(), h.max_weight);
    return {"actor/awr", math::weighted_nll(w, step.pi(now).log_prob(step.action()))};
  }
};
static_assert(ActorObjective<BoltzmannWeighted>);
}  // namespace tessera
