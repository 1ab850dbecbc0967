#pragma once
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
namespace want {
struct policy_that_flows {
  template <class T>
  static constexpr bool met = FlowsToAction<T>;
  using remedy = try_<FlowPolicy>;
};
}  // namespace want

/// Flow matching, the imitation of the logged actions by a flow:
///   minimize E_D mean_j (v(s, (1-t) z + t a, t) - (a - z))_j^2,   z ~ N(0, I), t ~ U(0, 1)
/// Source: Lipman et al. 2023, equation 14; Park, Li, Levine 2025 (FQL), equation 3.
struct MatchFlow {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<need<policy, want::policy_that_flows>, need<data, want::logged_transitions_alone>>;
  using takes_chunks = MatchFlow;  // a flow of chunks weights its error
  static constexpr const char* formula = "E mean_j (v(s, (1-t) z + t a_D, t) - (a_D - z))_j^2";
  static constexpr const char* source = "Lipman et al. 2023; Park, Li, Levine 2025, eq. 3";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/flow", step.pi(now).matching_error(step.action()).mean()};
  }
};
static_assert(ActorObjective<MatchFlow>);

/// The same, weighted by advantages, which draws the flow to better actions:
///   minimize E_D w mean_j (v(s, (1-t) z + t a, t) - (a - z))_j^2,   w = min(exp(beta A(s,a)), max_weight)
/// w is a constant of the minimization.
/// Source: Park, Li, Levine 2025 (FQL), section 5 (FAWAC).
struct AdvantageWeightedFlow {
  using role = role::actor_objective;
  using params = AdvantageWeighted::params;
  using needs = all_of<need<policy, want::policy_that_flows>, need<value, want::value_of_states>>;
  static constexpr const char* formula =
      "E w mean_j (v(s, (1-t) z + t a_D, t) - (a_D - z))_j^2, w = min(exp(beta A), max_weight)";
  static constexpr const char* source = "Park, Li, Levine 2025, section 5";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = math::exp_weight(step.advantage(), h.beta, h.max_weight);
    return {"actor/flow", (w * step.pi(now).matching_error(step.action())).mean()};
  }
};
static_assert(ActorObjective<AdvantageWeightedFlow>);
}  // namespace tessera
