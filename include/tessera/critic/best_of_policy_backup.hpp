#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Hyper-parameters that BestOfPolicyBackup adds to a critic's.
struct BestOfParams {
  std::int64_t samples = 10;
  double min_weight = 0.75;

  static constexpr doc docs[] = {
      {"samples", "K, actions sampled from the target policy at s', of which the best counts (BEAR: 10)", 1, 1000},
      {"min_weight",
       "lambda, weight of the smallest critic against the largest (BEAR, BCQ: 0.75; 1: the smallest alone)", 0, 1},
  };
};

/// Backup of the best of K actions of the target policy, by a soft minimum of the critics:
///   y = r + gamma m max_k [ lambda min_i Qbar_i(s', a_k) + (1 - lambda) max_i Qbar_i(s', a_k) ],   a_k ~ pibar(.|s')
/// The target has no gradient.
/// Source: Kumar et al. 2019 (BEAR), section 5 and authors' code.
struct BestOfPolicyBackup : OneStep<BestOfPolicyBackup, joined<CriticParams, BestOfParams>> {
  using needs = all_of<need<policy, want::policy_that_samples>, need<policy, want::continuous_policy>>;
  static constexpr const char* formula =
      "y = r + gamma m max_k (lambda min_i + (1-lambda) max_i) Qbar_i(s',a_k), a_k ~ pibar(s');  sum_i E (Q_i(s,a) - "
      "y)^2";
  static constexpr const char* source = "Kumar et al. 2019, authors' code";
  static constexpr bool uses_target_policy = true;

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    const auto q = step.q(next, step.pi(next, as::target).samples(h.samples), as::target);  // (N, B, K)
    return (h.min_weight * q.amin(0) + (1 - h.min_weight) * q.amax(0)).amax(-1);
  }
};
static_assert(OneStepBackup<BestOfPolicyBackup> && UsesTargetPolicy<BestOfPolicyBackup>);
}  // namespace tessera
