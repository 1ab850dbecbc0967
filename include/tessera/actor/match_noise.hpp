#pragma once
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
struct DiffusionPolicy;
namespace want {
struct policy_that_denoises {
  template <class T>
  static constexpr bool met = Denoises<T>;
  using remedy = try_<DiffusionPolicy>;
};
}  // namespace want

/// Noise matching, the imitation of the logged actions by a diffusion:
///   minimize E_D sum_j (eps(s, sqrt(kept_t) a + sqrt(1 - kept_t) e, t) - e)_j^2,   e ~ N(0, I), t ~ U{0 .. T-1}
/// Source: Ho et al. 2020 (DDPM), equation 14; Hansen-Estruch et al. 2023 (IDQL), section 5.
struct MatchNoise {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<need<policy, want::policy_that_denoises>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "E sum_j (eps(s, sqrt(kept_t) a_D + sqrt(1-kept_t) e, t) - e)_j^2";
  static constexpr const char* source = "Ho et al. 2020, eq. 14";

  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"actor/noise", step.pi(now).matching_error(step.action()).mean()};
  }
};
static_assert(ActorObjective<MatchNoise>);

/// The same, weighted by advantages:
///   minimize E_D w sum_j (eps(...) - e)_j^2,   w = min(exp(beta A(s,a)), max_weight)
/// w is a constant of the minimization.
/// Source: Hansen-Estruch et al. 2023 (IDQL), authors' code (exp_adv).
struct AdvantageWeightedNoise {
  using role = role::actor_objective;
  using params = AdvantageWeighted::params;
  using needs = all_of<need<policy, want::policy_that_denoises>, need<value, want::value_of_states>>;
  static constexpr const char* formula =
      "E w sum_j (eps(s, sqrt(kept_t) a_D + sqrt(1-kept_t) e, t) - e)_j^2, w = min(exp(beta A), max_weight)";
  static constexpr const char* source = "Hansen-Estruch et al. 2023, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto w = math::exp_weight(step.advantage(), h.beta, h.max_weight);
    return {"actor/noise", (w * step.pi(now).matching_error(step.action())).mean()};
  }
};
static_assert(ActorObjective<AdvantageWeightedNoise>);
}  // namespace tessera
