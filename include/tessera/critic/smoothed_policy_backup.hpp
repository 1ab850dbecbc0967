#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// Hyper-parameters that SmoothedPolicyBackup adds to a critic's.
struct SmoothingParams {
  double smoothing = 0.2;
  double smoothing_clip = 0.5;

  static constexpr doc docs[] = {
      {"smoothing", "sigma, standard deviation of the noise on the target action (TD3: 0.2)", 0},
      {"smoothing_clip", "c, bound of that noise (TD3: 0.5)", 0},
  };
};

/// Policy backup with target-policy smoothing:
///   a' = clip(mubar(s') + clip(sigma eps, -c, c), -1, 1),   eps ~ N(0, 1)
///   y  = r + gamma m min_i Qbar_i(s', a');   minimize sum_i E (Q_i(s,a) - y)^2
/// mubar is the target policy's mode.  Actions are scaled to [-1, 1], and so are sigma and c.
/// Source: Fujimoto et al. 2018 (TD3), algorithm 1.
struct SmoothedPolicyBackup : OneAction<SmoothedPolicyBackup, joined<CriticParams, SmoothingParams>> {
  using needs = all_of<need<policy, want::continuous_policy>>;
  static constexpr const char* formula =
      "a' = clip(mubar(s') + clip(sigma eps, +-c), +-1), y = r + gamma m min_i Qbar_i(s',a');  sum_i E (Q_i(s,a) - "
      "y)^2";
  static constexpr const char* source = "Fujimoto et al. 2018, algorithm 1";
  static constexpr bool uses_target_policy = true;

  template <class Step>
  static typename Step::tensor next_action(const params& h, Step& step) {
    const auto mu = step.pi(next, as::target).mode();
    const auto eps = (h.smoothing * step.normal_like(mu)).clamp(-h.smoothing_clip, h.smoothing_clip);
    return (mu + eps).clamp(-1, 1);
  }
};
static_assert(ActionBackup<SmoothedPolicyBackup> && UsesTargetPolicy<SmoothedPolicyBackup>);
}  // namespace tessera
