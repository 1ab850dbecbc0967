#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// Forward KL divergence from the behaviour to the policy, up to a constant:
///   weight * -E_D log pi(a|s)
/// Mass-covering; needs the policy's density alone.
struct ForwardKl {
  using role = role::behavior_constraint;
  struct params {
    double weight = 1.0;

    static constexpr doc docs[] = {{"weight", "factor on the cross-entropy, in units of Q per nat", 0}};
  };
  using needs_ = needs<need<policy, want::policy_with_log_prob>>;
  static constexpr const char* formula = "weight * -E log pi(a_D|s)";
  static constexpr const char* source = "standard: KL(b || pi) up to the entropy of b";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"constraint/kl", -h.weight * step.pi(now).log_prob(step.action()).mean()};
  }
};
static_assert(BehaviorConstraint<ForwardKl>);
}  // namespace tessera
