#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Temporal-difference learning of the policy's own value:
///   minimize sum_i E (Q_i(s,a) - y)^2,   y = r + gamma m min_i Qbar_i(s', a'),   a' ~ pi(.|s')
/// Discrete actions: the expectation over the policy is an exact sum,  y = r + gamma m sum_a' pi(a'|s') min_i
/// Qbar_i(s', a').  The target has no gradient.
/// Source: Nair et al. 2020 (AWAC), equation 3, with the minimum of the target critics.
struct PolicyBackup : OneAction<PolicyBackup> {
  using needs = all_of<need<policy, want::policy_with_expectations>>;
  static constexpr const char* formula = "y = r + gamma m E_{a'~pi(s')} min_i Qbar_i(s',a');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Nair et al. 2020, eq. 3";

  template <class Step>
  static typename Step::tensor next_action(const params&, Step& step) {
    return step.pi(next).sample();
  }
  using OneAction::next_value;
  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    if constexpr (EnumerablePolicy<typename Step::policy_type>)
      return (step.pi(next).log_probs().exp() * math::min(step.q(next, every_action, as::target))).sum(-1);
    else return next_value(h, step, next_action(h, step));
  }
};
static_assert(ActionBackup<PolicyBackup>);

/// The same, of the target policy:
///   minimize sum_i E (Q_i(s,a) - y)^2,   y = r + gamma m min_i Qbar_i(s', a'),   a' ~ pibar(.|s')
/// Source: Wang et al. 2020 (CRR), algorithm 1, with the minimum of the target critics.
struct TargetPolicyBackup : OneAction<TargetPolicyBackup> {
  using needs = all_of<need<policy, want::policy_that_samples>>;
  static constexpr const char* formula =
      "y = r + gamma m min_i Qbar_i(s',a'), a' ~ pibar(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Wang et al. 2020, algorithm 1";
  static constexpr bool uses_target_policy = true;

  template <class Step>
  static typename Step::tensor next_action(const params&, Step& step) {
    return step.pi(next, as::target).sample();
  }
};
static_assert(ActionBackup<TargetPolicyBackup> && UsesTargetPolicy<TargetPolicyBackup>);
}  // namespace tessera
