#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>
#include <tessera/value/policy_mean.hpp>

namespace tessera {
/// V as a network that regresses to the policy's value:
///   minimize 1/2 E (V(s) - min_i Qbar_i(s, a))^2,   a ~ pi(.|s);   discrete actions: the exact sum over pi
///   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// The network averages over samples, where PolicyMean has the noise of its samples in every advantage.
/// Source: Nair et al. 2020 (AWAC), section 4.2, with a learned V.
struct FittedPolicyMean : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};

    static constexpr doc docs[] = {{"net", "the value's network"}, {"adam", "the value's optimizer"}};
  };
  using needs = PolicyMean::needs;
  static constexpr const char* formula =
      "1/2 E (V(s) - min_i Qbar_i(s,a))^2, a ~ pi(s);  A = min_i Qbar_i(s,a_D) - V(s)";
  static constexpr const char* source = "Nair et al. 2020, section 4.2";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/mse", 0.5 * (step.v(now) - target(step)).square().mean()};
  }

 private:
  template <class Step>
  static typename Step::tensor target(Step& step) {
    if constexpr (EnumerablePolicy<typename Step::policy_type>)
      return (step.pi(now).log_probs().detach().exp() * math::min(step.q(now, every_action, as::target))).sum(-1);
    else return math::min(step.q(now, step.pi(now).sample().detach(), as::target));
  }
};
static_assert(FittedValue<FittedPolicyMean>);

/// The same with the policy's entropy, at the actor's temperature t:
///   minimize 1/2 E (V(s) - min_i Qbar_i(s, a) + t log pi(a|s))^2,   a ~ pi(.|s)
///   A(s, a_D) = min_i Q_i(s, a_D) - V(s)
/// Source: Xiao et al. 2023 (InAC), equation 11.
struct SoftPolicyMean : FittedPolicyMean {
  using needs = all_of<need<policy, want::policy_with_own_log_prob>, need<critic, want::critic_of_actions>,
                       need<actor, want::actor_with_temperature>>;
  static constexpr const char* formula =
      "1/2 E (V(s) - min_i Qbar_i(s,a) + t log pi(a|s))^2, a ~ pi(s);  A = min_i Q_i(s,a_D) - V(s)";
  static constexpr const char* source = "Xiao et al. 2023, eq. 11";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/mse", 0.5 * (step.v(now) - target(step)).square().mean()};
  }
  template <class Step>
  static typename Step::tensor advantage(const params&, Step& step) {
    return math::min(step.q(now, logged_action, as::fixed)) - step.v(now, as::fixed);
  }

 private:
  template <class Step>
  static typename Step::tensor target(Step& step) {
    typename Step::backend::no_grad guard;
    if constexpr (EnumerablePolicy<typename Step::policy_type>) {
      const auto log_pi = step.pi(now).log_probs();
      return (log_pi.exp() * (math::min(step.q(now, every_action, as::target)) - step.temperature() * log_pi)).sum(-1);
    } else {
      const auto [a, log_pi] = step.pi(now).sample_with_log_prob();
      return math::min(step.q(now, a, as::target)) - step.temperature() * log_pi;
    }
  }
};
static_assert(FittedValue<SoftPolicyMean>);
}  // namespace tessera
