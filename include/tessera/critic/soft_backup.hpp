#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Hyper-parameters that SoftBackup adds to a critic's.
struct SoftBackupParams {
  bool entropy = true;

  static constexpr doc docs[] = {{"entropy", "whether the target includes the entropy bonus -alpha log pi"}};
};

/// What soft backups of class B have in common: B gives `least(h, step, a)`, the pessimistic value of the target
/// critics at s', (B), or (B, A) of every action.
template <class B, class P>
struct SoftBackupOf : OneStep<B, P> {
  using needs = all_of<need<policy, want::policy_with_own_log_prob>, need<actor, want::actor_with_temperature>>;

  template <class Step>
  static typename Step::tensor next_value(const P& h, Step& step) {
    if constexpr (EnumerablePolicy<typename Step::policy_type>) {
      const auto log_pi = step.pi(next).log_probs();
      const auto q = B::least(h, step, every_action);
      if (!h.entropy) return (log_pi.exp() * q).sum(-1);
      return (log_pi.exp() * (q - step.temperature() * log_pi)).sum(-1);
    } else {
      const auto [a, log_pi] = step.pi(next).sample_with_log_prob();
      const auto q = B::least(h, step, a);
      if (!h.entropy) return q;
      return q - step.temperature() * log_pi;
    }
  }
};

/// Soft (maximum-entropy) backup:
///   y = r + gamma m (min_i Qbar_i(s', a') - alpha log pi(a'|s')),   a' ~ pi(.|s')
///   minimize sum_i E (Q_i(s,a) - y)^2
/// Discrete actions: the expectation over the policy is an exact sum,
///   y = r + gamma m sum_a' pi(a'|s') (min_i Qbar_i(s', a') - alpha log pi(a'|s'))
/// alpha is the actor's temperature.  The target has no gradient.
/// Source: Haarnoja et al. 2018b (SAC with automatic temperature), equations 5 and 6.
struct SoftBackup : SoftBackupOf<SoftBackup, joined<CriticParams, SoftBackupParams>> {
  static constexpr const char* formula =
      "y = r + gamma m E_{a'~pi(s')} (min_i Qbar_i(s',a') - alpha log pi(a'|s'));  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Haarnoja et al. 2018b, eqs. 5-6";

  template <class Step, class Action>
  static typename Step::tensor least(const params&, Step& step, const Action& a) {
    return math::min(step.q(next, a, as::target));
  }
};
static_assert(OneStepBackup<SoftBackup>);
}  // namespace tessera
