#pragma once
#include <cstdint>

#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/capture.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Maximum-entropy policy improvement at a fixed temperature:
///   minimize E alpha log pi(a_pi|s) - min_i Q_i(s, a_pi),  a_pi ~ pi(.|s) reparameterized;  discrete actions: the
///       exact sum
/// With K > 1 samples for each state both terms are means over the samples; the minimum is over the critics' means:
/// min_i mean_k Q_i(s, a_k).  alpha = 0 is plain policy improvement.  During the first `warmup_updates` updates Q is
/// left out, so that a constraint can bring the policy to the data first.  The critic's parameters are frozen.
/// Source: Haarnoja et al. 2018, equation 12; the delay: Wu et al. 2019 (BRAC), authors' code; the samples: Kumar et
/// al. 2019 (BEAR), authors' code.
struct FixedTemperatureMaximizeQ {
  using role = role::actor_objective;
  struct params {
    double temperature = 0.0;
    std::int64_t warmup_updates = 0;
    std::int64_t samples = 1;

    static constexpr doc docs[] = {
        {"temperature", "alpha, units of Q per nat (BRAC: 0)", 0},
        {"warmup_updates", "number of initial updates without Q (BRAC: 20 000); a run that is not longer only imitates",
         0, 1000000000},
        {"samples", "K, actions sampled for each state; unused for discrete actions (BEAR: 5)", 1, 1000},
    };
  };
  using needs = all_of<need<policy, want::policy_with_own_log_prob>, need<critic, want::critic_of_actions>>;
  static constexpr const char* formula = "E alpha log pi(a_pi|s) - min_i Q_i(s,a_pi), alpha fixed";
  static constexpr const char* source = "Haarnoja et al. 2018, eq. 12";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    using T = typename Step::tensor;
    terms<T> sum;
    if constexpr (EnumerablePolicy<typename Step::policy_type>) {
      const T log_pi = step.pi(now).log_probs(), pi = log_pi.exp();
      sum.add("actor/entropy", h.temperature * (pi * log_pi).sum(-1).mean());
      if (step.update() > h.warmup_updates)
        sum.add("actor/q", -(pi * math::min(step.q(now, every_action, as::fixed))).sum(-1).mean());
    } else if (h.samples > 1) {
      const auto [a, log_pi] = step.pi(now).samples_with_log_prob(h.samples);  // (B, K, d), (B, K)
      sum.add("actor/entropy", h.temperature * log_pi.mean());
      if (step.update() > h.warmup_updates)
        sum.add("actor/q", -math::min(T(step.q(now, a, as::frozen).mean(-1))).mean());
    } else {
      const auto [a, log_pi] = step.pi(now).sample_with_log_prob();
      sum.add("actor/entropy", h.temperature * log_pi.mean());
      if (step.update() > h.warmup_updates) sum.add("actor/q", -math::min(step.q(now, a, as::frozen)).mean());
    }
    return sum;
  }
  static rhythm rhythm_of(const params& h) { return {.after = h.warmup_updates}; }
  template <class Step>
  static typename Step::tensor temperature(const params& h, Step& step) {
    return step.constant(h.temperature);
  }
};
static_assert(EntropyRegularized<FixedTemperatureMaximizeQ> && !RunsIn<FixedTemperatureMaximizeQ, stage::duals>);
}  // namespace tessera
