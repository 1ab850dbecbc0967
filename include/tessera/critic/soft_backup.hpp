#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// Soft (maximum-entropy) backup:
///   y = r + gamma m (min_i Qbar_i(s', a') - alpha log pi(a'|s')),   a' ~ pi(.|s')
///   minimise sum_i E (Q_i(s,a) - y)^2
/// alpha is the actor's temperature.  The target has no gradient.
/// Source: Haarnoja et al. 2018b (SAC with automatic temperature), equations 5 and 6.
struct SoftBackup {
  using role = role::critic_update;
  using space = Continuous;
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    std::int64_t members = 2;
    double discount = 0.99;
    double polyak = 0.005;
    bool entropy = true;

    static constexpr doc docs[] = {
        {"net", "each member's network"},
        {"adam", "the critic's optimiser"},
        {"members", "N, critics in the ensemble; targets use the least of them", 1, 1000},
        {"discount", "gamma, per step, in [0, 1]", 0, 1},
        {"polyak", "rate at which target networks follow", 0, 1},
        {"entropy", "whether the target carries the entropy bonus -alpha log pi"},
    };
  };
  using needs_ = needs<need<policy, want::soft_policy>, agree<policy, critic, want::same_action_space>,
                       need<actor, want::actor_with_temperature>>;
  static constexpr const char* formula =
      "y = r + gamma m (min_i Qbar_i(s',a') - alpha log pi(a'|s')), a' ~ pi(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Haarnoja et al. 2018b, eqs. 5-6";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto [a, log_pi] = step.pi(next).sample_with_log_prob();
    auto soft = math::least(step.q_target(next, a));
    if (h.entropy) soft = soft - step.temperature() * log_pi;
    const auto y = math::td_target(step.reward(), h.discount, step.not_done(), soft);
    return {"critic/td", math::squared_td(step.q(now, step.action()), y)};
  }
};
static_assert(CriticUpdate<SoftBackup>);
}  // namespace tessera
