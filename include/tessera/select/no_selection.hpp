#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Of a learner that judges a policy and has none of its own: it decides nothing.  `act` is an Error.
struct NoSelection {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<>;
  static constexpr const char* formula = "no action is chosen";
  static constexpr const char* source = "standard";

  template <class Step>
  static typename Step::tensor act(const params&, Step&) {
    throw Error("act: this learner values a policy that is fixed, and decides nothing; ask that policy");
  }
};
static_assert(ActionSelection<NoSelection>);
}  // namespace tessera
