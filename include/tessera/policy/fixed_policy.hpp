#pragma once
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
namespace detail {
template <class Space>
struct FixedPolicyIn {
  using role = role::policy;
  using space = Space;
  struct params {};
  using needs = all_of<>;
  static constexpr const char* source = "Le, Voloshin, Yue 2019";
  static constexpr bool is_fixed = true;
};
}  // namespace detail

/// A policy that is judged, and not learned: any function of the state, whose actions at the logged states are a column
/// of the data (column::fixed_policy).  What learns its value needs no more of it.
struct FixedActions : detail::FixedPolicyIn<Continuous> {
  static constexpr const char* formula = "a' ~ pi(.|s'), drawn before training";
};
/// The same over discrete actions: the column has their probabilities.
struct FixedProbabilities : detail::FixedPolicyIn<Discrete> {
  static constexpr const char* formula = "pi(.|s'), known before training";
};
static_assert(FixedPolicy<FixedActions> && FixedPolicy<FixedProbabilities> && !TrainedPolicy<FixedActions>);

namespace want {
struct fixed_policy {
  template <class T>
  static constexpr bool met = FixedPolicy<T>;
  using remedy = try_<FixedActions, FixedProbabilities>;
};
}  // namespace want
}  // namespace tessera
