#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/normal.hpp>

namespace tessera {
/// Regression weighted by the advantage itself, where it is positive:
///   minimize -E_D w log pi(a|s),   w = min(max(A(s,a), 0), max_weight)
/// Actions worse than the state's value are not imitated at all.
/// Source: Xu et al. 2023 (SQL), the authors' code.  The policy that is best at the cost of which V is the value has w
/// = max(1 + A / (2 alpha), 0), alpha of the value (Sparse): it imitates actions somewhat worse than V too, with small
/// weights.  This is theirs without the 1.
struct SparseWeighted {
  using role = role::actor_objective;
  struct params {
    double max_weight = 100.0;

    static constexpr doc docs[] = {{"max_weight", "bound of the weight", 0}};
  };
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<value, want::value_of_states>>;
  static constexpr const char* formula = "-E w log pi(a_D|s), w = min(max(A, 0), max_weight)";
  static constexpr const char* source = "Xu et al. 2023, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const typename Step::tensor w = step.advantage().clamp(0, h.max_weight);
    return {"actor/sparse", math::weighted_nll(w, step.pi(now).log_prob(step.action()))};
  }
};
static_assert(ActorObjective<SparseWeighted>);
}  // namespace tessera
