#pragma once
#include <tessera/critic/params.hpp>

namespace tessera {
/// Temporal-difference learning of the policy's own value, for which the mean of the critics is taken, not their least:
///   minimize sum_i E (Q_i(s,a) - y)^2,   y = r + gamma m mean_i Qbar_i(s', a'),   a' ~ pi(.|s')
/// Source: Park, Li, Levine 2025 (FQL), authors' code (q_agg = mean).
struct AveragePolicyBackup : OneActionOnAverage<AveragePolicyBackup> {
  using needs = all_of<need<policy, want::policy_that_samples>, need<policy, want::continuous_policy>>;
  static constexpr const char* formula = "y = r + gamma m mean_i Qbar_i(s',a'), a' ~ pi(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Park, Li, Levine 2025, authors' code";

  template <class Step>
  static typename Step::tensor next_action(const params&, Step& step) {
    return step.pi(next).sample();
  }
};
static_assert(ActionBackup<AveragePolicyBackup>);
}  // namespace tessera
