#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Hyper-parameters of NextValueStd.
struct NextValueStdParams {
  double weight = 1.0;
  std::int64_t samples = 10;

  static constexpr doc docs[] = {
      {"weight", "beta, dimensionless: reward and value have the same unit (MOBILE: 0.1 to 2)", 0},
      {"samples", "next states sampled from each elite (MOBILE: 10)", 1, 1000},
  };
};

/// The uncertainty is the elites' disagreement on the value of the next state, a penalty in the target of an imagined
/// transition:
///   r <- r - beta u(s,a),   u = std_i  mean_k min_j Qbar_j(s'_ik, a'_ik),   s'_ik ~ elite i,  a' ~ pi(.|s')
/// the standard deviation over elites with N - 1 in the denominator; recomputed at each update, as Q changes.  r, Q
/// and so u are in the learner's units: a scale of the rewards scales all three, and a shift moves every Q by the same
/// amount, which leaves u.
/// Source: Sun et al. 2023 (MOBILE), equations 6 and 7 and the authors' code.
/// Differs from the authors' code: targets are not clipped at zero, which takes rewards that are not negative for
/// granted.
struct NextValueStd {
  using role = role::uncertainty_penalty;
  using params = NextValueStdParams;
  using needs = all_of<need<dynamics, want::ensemble_of_dynamics>, need<data, want::data_with_imagined_transitions>,
                       need<critic, want::backup_of_policy_actions>, need<policy, want::policy_that_samples>>;
  static constexpr const char* formula =
      "y - beta std_i mean_k min_j Qbar_j(s'_ik, a'), s'_ik ~ elite i, at imagined transitions";
  static constexpr const char* source = "Sun et al. 2023, eqs. 6-7";

  template <class Step>
  static typename Step::tensor penalty(const params& h, Step& step) {
    using T = typename Step::tensor;
    using B = typename Step::backend;
    const T none = B::stop(step.not_done() * 0.0);
    if (step.all_logged() || step.imagined_count() == 0) return none;
    const auto prediction =
        step.members(step.task_states(step.imagined(step.state(now))), step.task_actions(step.imagined(step.action())));
    const auto n = prediction.means.size(-1) - 1, rows = prediction.means.size(1),
               elites =
                   std::min<std::int64_t>(step.template params_of_slot<dynamics>().elites, prediction.means.size(0));
    const auto of_elites = [&](const T& x) -> T {
      return x.narrow(0, 0, elites).narrow(-1, 0, n).unsqueeze(2).expand({elites, rows, h.samples, n}).reshape({-1, n});
    };
    const T mean = of_elites(prediction.means), std = of_elites(prediction.stds);
    const T after = step.learner_states(mean + std * step.draw(noise::normal, n, mean));
    const T value =
        math::min(step.q(after, step.pi(after).sample(), as::target)).reshape({elites, rows, h.samples}).mean(-1);
    const T centered = value - value.mean(0).unsqueeze(0);
    const T u = (centered.square().sum(0) * (1.0 / double(std::max<std::int64_t>(elites - 1, 1)))).sqrt();
    step.log("uncertainty/next_value_std", u.mean());
    return B::cat(std::array<T, 2>{step.logged(none), h.weight * u}, 0);
  }
};
static_assert(UncertaintyPenalty<NextValueStd>);
}  // namespace tessera
