#pragma once
#include <cstdint>

#include <tessera/concepts/policy.hpp>
#include <tessera/constraint/penalty.hpp>

namespace tessera {
/// Hyper-parameters of ReverseKl.
struct ReverseKlParams {
  double weight = 1.0;
  std::int64_t samples = 4;
  double log_floor = -10.0;

  static constexpr doc docs[] = {
      {"weight", "alpha, units of Q per nat (BRAC: 0.1 to 30)", 0},
      {"samples", "K, actions sampled for each state; unused for discrete actions (BRAC: 4)", 1, 1000},
      {"log_floor", "lower bound of the behavior's log-density, per action dimension"},
  };
};

/// Reverse KL divergence from the policy to a model b of the behavior (its primal form):
///   weight * E_{a~pi}[ log pi(a|s) - log b(a|s) ]
/// estimated with K reparameterized actions; discrete actions: the exact sum.  Mode-seeking: b's density is evaluated
/// at the policy's actions, also outside of the data.
/// Source: Wu et al. 2019 (BRAC), section 3.2; K = 4 as in the authors' code.  Differs from the authors' code: log b is
/// bounded below by log_floor for each dimension, beyond which it has no slope.
struct ReverseKl : WeightedDivergence<ReverseKl, ReverseKlParams> {
  using needs = all_of<need<policy, want::policy_with_own_log_prob>, need<behavior, want::behavior_with_density>,
                       agree<policy, behavior, want::same_action_space>,
                       agree<policy, behavior, want::behavior_over_finite_actions>>;
  static constexpr const char* formula = "weight * E_{a~pi} [log pi(a|s) - log b(a|s)]";
  static constexpr const char* source = "Wu et al. 2019, section 3.2";
  static constexpr const char* term = "constraint/kl";

  template <class Step>
  static typename Step::tensor at(const params& h, Step& step, place where) {
    const double floor = h.log_floor * double(step.action_size());
    if constexpr (EnumerablePolicy<typename Step::policy_type>) {
      const auto log_pi = step.pi(where).log_probs();
      return (log_pi.exp() * (log_pi - step.behavior_log_probs(where).clamp_min(h.log_floor))).sum(-1);
    } else {
      const auto one = [&] {
        const auto [a, log_pi] = step.pi(where).sample_with_log_prob();
        return typename Step::tensor(log_pi - step.behavior_log_prob(where, a).clamp_min(floor));
      };
      auto sum = one();
      for (std::int64_t k = 1; k < h.samples; ++k) sum = sum + one();
      return sum * (1.0 / double(h.samples));
    }
  }
};
static_assert(StateDivergence<ReverseKl>);
}  // namespace tessera
