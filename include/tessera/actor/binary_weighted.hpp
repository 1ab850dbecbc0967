#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>

namespace tessera {
/// Imitation of the logged actions that are better than the state's value:
///   minimize -E_D 1[A(s,a) > 0] log pi(a|s)
/// Source: Wang et al. 2020 (CRR), equation 3 ("binary").
struct BinaryWeighted {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "-E 1[A > 0] log pi(a_D|s)";
  static constexpr const char* source = "Wang et al. 2020, eq. 3";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    const typename Step::tensor w = step.advantage().sign().clamp_min(0);
    return {"actor/filtered", math::weighted_nll(w, step.pi(now).log_prob(step.action()))};
  }
};
static_assert(ActorObjective<BinaryWeighted>);
}  // namespace tessera
