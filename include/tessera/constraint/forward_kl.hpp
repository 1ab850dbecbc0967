#pragma once
#include <tessera/constraint/penalty.hpp>

namespace tessera {
/// Hyper-parameters of ForwardKl.
struct ForwardKlParams {
  double weight = 1.0;

  static constexpr doc docs[] = {{"weight", "factor on the cross-entropy, in units of Q per nat", 0}};
};

/// Forward KL divergence from the behavior to the policy, up to the entropy of the behavior:
///   weight * -E_D log pi(a|s)
/// Mass-covering; needs the policy's density alone.  At s' it uses the log's next action, where there is one.
struct ForwardKl : WeightedDivergence<ForwardKl, ForwardKlParams> {
  using needs = all_of<need<policy, want::policy_with_log_prob>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "weight * -E log pi(a_D|s)";
  static constexpr const char* source = "standard: KL(b || pi) up to the entropy of b";
  static constexpr const char* term = "constraint/kl";
  using reads = columns<column::next_action, column::next_action_known>;

  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    if (where == now) return -step.pi(now).log_prob(step.action());
    return -step.next_action_known() * step.pi(next).log_prob(step.next_action());
  }
};
static_assert(StateDivergence<ForwardKl>);
}  // namespace tessera
