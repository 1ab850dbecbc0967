#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/over_batch.hpp>

namespace tessera {
/// Deterministic policy gradient:
///   minimize -lambda E Q_1(s, a_pi),   lambda = alpha / mean_B |Q_1(s, a_pi)|   (normalized)
///                                      lambda = alpha                          (not normalized)
/// lambda is a constant; the critic's parameters are frozen, and the gradient flows into pi through the action.
/// The normalization makes alpha independent of the rewards' scale, but not of a constant added to them.
/// Source: Fujimoto, Gu 2021 (TD3+BC), equation 4 (normalized); Fujimoto et al. 2018 (TD3) otherwise.
struct MaximizeQ {
  using role = role::actor_objective;
  struct params {
    double alpha = 1.0;
    bool normalize = false;

    static constexpr doc docs[] = {
        {"alpha", "weight of Q (TD3+BC: 2.5, normalized)", 0},
        {"normalize", "whether the weight is divided by the batch mean of |Q|"},
    };
  };
  using needs = all_of<need<policy, want::reparameterized_policy>, need<critic, want::critic_of_actions>>;
  using takes_chunks = MaximizeQ;
  static constexpr const char* formula = "-lambda E Q_1(s, a_pi), lambda = alpha / mean|Q_1| (normalized) or alpha";
  static constexpr const char* source = "Fujimoto, Gu 2021, eq. 4; Fujimoto et al. 2018";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return ascent(h, step.q(now, step.pi(now).sample(), as::frozen, 1));  // (1, B)
  }
  /// -lambda E q,  lambda = alpha / mean|q|  or  alpha.
  template <class T>
  static terms<T> ascent(const params& h, const T& q) {
    if (!h.normalize) return {"actor/q", -h.alpha * q.mean()};
    return {"actor/q", -h.alpha * q.mean() / math::batch_mean(T(q.detach().abs()))};
  }
};
static_assert(ActorObjective<MaximizeQ>);

/// Deterministic policy gradient of the minimum of the critics:
///   minimize -lambda E min_i Q_i(s, a_pi),   lambda = alpha / mean_B |min_i Q_i(s, a_pi)|  or  alpha
/// Source: Tarasov et al. 2023 (ReBRAC), authors' code.
struct MaximizeMinQ {
  using role = role::actor_objective;
  using params = MaximizeQ::params;
  using needs = MaximizeQ::needs;
  static constexpr const char* formula =
      "-lambda E min_i Q_i(s, a_pi), lambda = alpha / mean|min_i Q_i| (normalized) or alpha";
  static constexpr const char* source = "Tarasov et al. 2023, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return MaximizeQ::ascent(h, math::min(step.q(now, step.pi(now).sample(), as::frozen)));  // (B)
  }
};
static_assert(ActorObjective<MaximizeMinQ>);
}  // namespace tessera
