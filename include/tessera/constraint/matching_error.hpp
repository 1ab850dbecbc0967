#pragma once
#include <tessera/concepts/generative.hpp>
#include <tessera/constraint/penalty.hpp>

namespace tessera {
struct DiffusionPolicy;
namespace want {
/// A policy that is fitted to actions by a matching error.
struct policy_that_matches {
  template <class T>
  static constexpr bool met = FlowsToAction<T> || Denoises<T>;
  using remedy = try_<FlowPolicy, DiffusionPolicy>;
};
}  // namespace want

/// Hyper-parameters of MatchingError.
struct MatchingErrorParams {
  double weight = 1.0;

  static constexpr doc docs[] = {{"weight", "factor on the error, in units of Q", 0}};
};

/// The imitation of the logged actions by a policy that is a flow or a diffusion, as a penalty:
///   weight * E_D e(s, a),   e the policy's matching error at a random place between noise and a
/// It stands in for ForwardKl where there is no density: of a diffusion it is the variational bound of the same
/// cross-entropy, but for a constant and for the weights of the steps (Ho et al. 2020, equation 14).  At s' it uses the
/// log's next action, where there is one.
/// Source: Park, Li, Levine 2025 (FQL), section 5 (FBRAC); Wang et al. 2023 (Diffusion-QL), equation 3.
struct MatchingError : WeightedDivergence<MatchingError, MatchingErrorParams> {
  using needs = all_of<need<policy, want::policy_that_matches>, need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula = "weight * E e(s,a_D), e the policy's matching error";
  static constexpr const char* source = "Wang et al. 2023, eq. 3; Park, Li, Levine 2025, section 5";
  static constexpr const char* term = "constraint/matching";
  using reads = columns<column::next_action, column::next_action_known>;

  template <class Step>
  static typename Step::tensor at(const params&, Step& step, place where) {
    if (where == now) return step.pi(now).matching_error(step.action());
    return step.next_action_known() * step.pi(next).matching_error(step.next_action());
  }
};
static_assert(StateDivergence<MatchingError>);
}  // namespace tessera
