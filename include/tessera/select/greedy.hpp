#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// The action of the largest value,  argmax_a min_i Q_i(s, a).
/// Only for critics that evaluate every action: an in-sample critic (ValueBackup) never learned the value of
/// actions that are not in the data, and its greedy action may be one of those.
struct Greedy {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<need<policy, want::discrete_policy>, need<critic, want::critic_of_actions>>;
  static constexpr const char* formula = "a = argmax_a min_i Q_i(s,a)";
  static constexpr const char* source = "standard";

  template <class Step>
  static typename Step::tensor act(const params&, Step& step) {
    return math::min(step.q(now, every_action, as::fixed)).argmax(-1);
  }
};
static_assert(ActionSelection<Greedy>);
}  // namespace tessera
