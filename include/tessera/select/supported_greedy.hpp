#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/support.hpp>

namespace tessera {
/// The action of the largest value among those that the data support,  argmax_{a in S(s)} min_i Q_i(s, a).
/// Source: Fujimoto et al. 2019b (discrete BCQ), and the authors' code.
struct SupportedGreedy {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<need<policy, want::discrete_policy>, need<critic, want::critic_of_actions>,
                       need<behavior, want::behavior_with_support>>;
  static constexpr const char* formula = "a = argmax_{a in S(s)} min_i Q_i(s,a)";
  static constexpr const char* source = "Fujimoto et al. 2019b";

  template <class Step>
  static typename Step::tensor act(const params&, Step& step) {
    return math::supported_argmax(math::min(step.q(now, every_action, as::fixed)), step.behavior_support(now));
  }
};
static_assert(ActionSelection<SupportedGreedy>);
}  // namespace tessera
