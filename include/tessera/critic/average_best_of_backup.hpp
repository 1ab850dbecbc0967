#pragma once
#include <cstdint>

#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>
#include <tessera/math/chosen.hpp>

namespace tessera {
/// Hyper-parameter that AverageBestOfBackup adds to a critic's.
struct AverageBestOfParams {
  std::int64_t samples = 32;

  static constexpr doc docs[] = {
      {"samples", "K, actions sampled at s', of which the best one counts (QC: 32)", 1, 1000}};
};

/// Backup of the best of K actions of the policy by the mean of the critics, valued by the mean of their slowly moving
/// copies:
///   y = r + gamma m mean_i Qbar_i(s', a_k*),   k* = argmax_k mean_i Q_i(s', a_k),   a_k ~ pi(.|s')
/// The target has no gradient.
/// Source: Li et al. 2025 (Q-chunking), section 4 and authors' code (actor_type = best-of-n, q_agg = mean).
struct AverageBestOfBackup : OneActionOnAverage<AverageBestOfBackup, joined<CriticParams, AverageBestOfParams>> {
  using needs = all_of<need<policy, want::policy_that_samples>, need<policy, want::continuous_policy>>;
  static constexpr const char* formula =
      "y = r + gamma m mean_i Qbar_i(s',a*), a* = argmax_k mean_i Q_i(s',a_k), a_k ~ pi(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Li et al. 2025, section 4";

  template <class Step>
  static typename Step::tensor next_action(const params& h, Step& step) {
    using T = typename Step::tensor;
    const T a = step.pi(next).samples(h.samples);                         // (B, K, d)
    const T k = math::average(T(step.q(next, a, as::fixed))).argmax(-1);  // (B)
    return math::chosen(a, k);
  }
};
static_assert(ActionBackup<AverageBestOfBackup>);
}  // namespace tessera
