#pragma once
#include <tessera/actor/maximize_q.hpp>

namespace tessera {
/// Policy gradient through the critics' mean:
///   minimize -lambda E mean_i Q_i(s, a_pi),   lambda = alpha / mean_B |mean_i Q_i(s, a_pi)|  or  alpha
/// Source: Park, Li, Levine 2025 (FQL), authors' code.
struct MaximizeAverageQ {
  using role = role::actor_objective;
  using params = MaximizeQ::params;
  using needs = MaximizeQ::needs;
  using takes_chunks = MaximizeAverageQ;
  static constexpr const char* formula =
      "-lambda E mean_i Q_i(s, a_pi), lambda = alpha / mean|mean_i Q_i| (normalized) or alpha";
  static constexpr const char* source = "Park, Li, Levine 2025, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return MaximizeQ::ascent(h, math::average(step.q(now, step.pi(now).sample(), as::frozen)));  // (B)
  }
};
static_assert(ActorObjective<MaximizeAverageQ>);
}  // namespace tessera
