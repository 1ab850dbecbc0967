#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// Imitation of the logged actions:  minimize -E_D log pi(a|s).
/// With a fixed unit std this is squared error.
struct BehaviorCloning {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "-E log pi(a_D|s)";
  static constexpr const char* source = "standard";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/bc", -step.pi(now).log_prob(step.action()).mean()};
  }
};
static_assert(ActorObjective<BehaviorCloning>);
}  // namespace tessera
