#pragma once
#include <tessera/critic/params.hpp>

namespace tessera {
/// Policy backup with target-policy smoothing:
///   a' = clip(mubar(s') + clip(sigma eps, -c, c), -1, 1),   eps ~ N(0, 1)
///   y  = r + gamma m min_i Qbar_i(s', a');   minimise sum_i E (Q_i(s,a) - y)^2
/// mubar is the target policy's mode.  Actions are scaled to [-1, 1], and so are sigma and c.
/// Source: Fujimoto et al. 2018 (TD3), algorithm 1.
struct SmoothedPolicyBackup {
  using role = role::critic_update;
  using space = Continuous;
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    std::int64_t members = 2;
    double discount = 0.99;
    double polyak = 0.005;
    double smoothing = 0.2;
    double smoothing_clip = 0.5;

    static constexpr doc docs[] = {
        {"net", "each member's network"},
        {"adam", "the critic's optimiser"},
        {"members", "N, critics in the ensemble; targets use the least of them", 1, 1000},
        {"discount", "gamma, per step, in [0, 1]", 0, 1},
        {"polyak", "rate at which target networks follow, the target policy's included", 0, 1},
        {"smoothing", "sigma, standard deviation of the noise on the target action (TD3: 0.2)", 0},
        {"smoothing_clip", "c, bound of that noise (TD3: 0.5)", 0},
    };
  };
  using needs_ = needs<need<policy, want::continuous_policy>, agree<policy, critic, want::same_action_space>>;
  static constexpr const char* formula =
      "a' = clip(mubar(s') + clip(sigma eps, +-c), +-1), y = r + gamma m min_i Qbar_i(s',a');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Fujimoto et al. 2018, algorithm 1";
  static constexpr bool uses_target_policy = true;

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto mu = step.pi_target(next).mode();
    const auto eps = (h.smoothing * step.normal_like(mu)).clamp(-h.smoothing_clip, h.smoothing_clip);
    const auto q_next = math::least(step.q_target(next, (mu + eps).clamp(-1, 1)));
    const auto y = math::td_target(step.reward(), h.discount, step.not_done(), q_next);
    return {"critic/td", math::squared_td(step.q(now, step.action()), y)};
  }
};
static_assert(CriticUpdate<SmoothedPolicyBackup> && UsesTargetPolicy<SmoothedPolicyBackup>);
}  // namespace tessera
