#pragma once
#include <type_traits>

#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/value.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// V as the mean of Q under the current policy; there is no network:
///   V(s) = mean_k min_i Q_i(s, a_k),  a_k ~ pi(.|s);   discrete actions: the exact sum over pi
///   A(s, a_D) = min_i Q_i(s, a_D) - V(s)
/// Source: Nair et al. 2020 (AWAC), section 4.2.
struct PolicyMean {
  using role = role::value_estimate;
  struct params {
    std::int64_t samples = 1;

    static constexpr doc docs[] = {{"samples", "actions sampled per state; unused for discrete actions", 1, 10000}};
  };
  using needs = all_of<need<policy, want::policy_that_samples>, need<critic, want::critic_of_actions>>;
  static constexpr const char* formula = "V(s) = E_{a~pi} min_i Q_i(s,a);  A = min_i Q_i(s,a_D) - V(s)";
  static constexpr const char* source = "Nair et al. 2020, section 4.2";

  template <class Step>
  static typename Step::tensor estimate(const params& h, Step& step, place where) {
    if constexpr (EnumerablePolicy<typename Step::policy_type>) {
      return (step.pi(where).log_probs().detach().exp() * math::min(step.q(where, every_action, as::fixed))).sum(-1);
    } else {
      auto draw = [&] { return math::min(step.q(where, step.pi(where).sample().detach(), as::fixed)); };
      auto sum = draw();
      for (std::int64_t k = 1; k < h.samples; ++k) sum = sum + draw();
      return sum * (1.0 / double(h.samples));
    }
  }
  template <class Step>
  static typename Step::tensor advantage(const params& h, Step& step) {
    return math::min(step.q(now, logged_action, as::fixed)) - estimate(h, step, now);
  }
};
static_assert(ValueEstimate<PolicyMean> && !FittedValue<PolicyMean>);
}  // namespace tessera
