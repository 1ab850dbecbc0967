#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// Squared distance of the policy's mode to the logged action, mean over batch and dimensions:
///   weight * E mean_j (mu_j(s) - a_j)^2
/// Source: Fujimoto, Gu 2021 (TD3+BC), equation 3.
struct SquaredError {
  using role = role::behavior_constraint;
  struct params {
    double weight = 1.0;

    static constexpr doc docs[] = {{"weight", "factor on the mean squared error, actions scaled to [-1, 1]", 0}};
  };
  using needs_ = needs<need<policy, want::continuous_policy>>;
  static constexpr const char* formula = "weight * E mean_j (mu_j(s) - a_j)^2";
  static constexpr const char* source = "Fujimoto, Gu 2021, eq. 3";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"constraint/mse", h.weight * (step.pi(now).mode() - step.action()).square().mean()};
  }
};
static_assert(BehaviorConstraint<SquaredError>);
}  // namespace tessera
