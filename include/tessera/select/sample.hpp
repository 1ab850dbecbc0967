#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// An action drawn from the policy.
struct Sample {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<need<policy, want::policy_that_samples>>;
  static constexpr const char* formula = "a ~ pi(.|s)";
  static constexpr const char* source = "standard";

  template <class Step>
  static typename Step::tensor act(const params&, Step& step) {
    return step.pi(now).sample();
  }
};
static_assert(ActionSelection<Sample>);
}  // namespace tessera
