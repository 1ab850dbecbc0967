#pragma once
#include <tessera/constraint/penalty.hpp>

namespace tessera {
/// Hyper-parameters of the squared errors.
struct SquaredErrorParams {
  double weight = 1.0;

  static constexpr doc docs[] = {{"weight", "factor on the mean squared error, actions scaled to [-1, 1]", 0}};
};

/// Squared distance of the policy's mode to the logged action, mean over batch and dimensions:
///   weight * E mean_j (mu_j(s) - a_j)^2
/// At s' it is the distance to the log's next action, where there is one.
/// Source: Fujimoto, Gu 2021 (TD3+BC), equation 3.
struct SquaredError : WeightedDivergence<SquaredError, SquaredErrorParams> {
  using needs = all_of<need<policy, want::continuous_policy>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "weight * E mean_j (mu_j(s) - a_j)^2";
  static constexpr const char* source = "Fujimoto, Gu 2021, eq. 3";
  static constexpr const char* term = "constraint/mse";
  using reads = columns<column::next_action, column::next_action_known>;

  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    if (where == now) return (step.pi(now).mode() - step.action()).square().mean(-1);
    return step.next_action_known() * (step.pi(next).mode() - step.next_action()).square().mean(-1);
  }
};
static_assert(StateDivergence<SquaredError>);

/// The same summed over dimensions:  weight * E sum_j (mu_j(s) - a_j)^2.
/// Source: Tarasov et al. 2023 (ReBRAC), equation 3.
struct SummedSquaredError : WeightedDivergence<SummedSquaredError, SquaredErrorParams> {
  using needs = SquaredError::needs;
  static constexpr const char* formula = "weight * E sum_j (mu_j(s) - a_j)^2";
  static constexpr const char* source = "Tarasov et al. 2023, eq. 3";
  static constexpr const char* term = "constraint/mse";
  using reads = columns<column::next_action, column::next_action_known>;

  template <class Step>
  static typename Step::tensor at(const params& h, Step& step, place where) {
    return double(step.action_size()) * SquaredError::at(h, step, where);
  }
};
static_assert(StateDivergence<SummedSquaredError>);
}  // namespace tessera
