#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// The policy's most likely action: the mean of a Gaussian, the best of a categorical.
struct Mode {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<need<policy, want::policy_with_mode>>;
  static constexpr const char* formula = "a = mode of pi(.|s)";
  static constexpr const char* source = "standard";

  template <class Step>
  static typename Step::tensor act(const params&, Step& step) {
    return step.pi(now).mode();
  }
};
static_assert(ActionSelection<Mode>);
}  // namespace tessera
