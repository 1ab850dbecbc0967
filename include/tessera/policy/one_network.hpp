#pragma once
#include <tessera/concepts/asked.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/wants.hpp>

namespace tessera {
/// What policies have in common that are made by one network, whatever is an input of it: it is descended in
/// stage::actor, and has a slowly moving copy, which follows in stage::targets, where a part looks that up.
struct OneNetworkPolicy {
  using role = role::policy;
  using needs = all_of<>;
  static constexpr bool sized_state = true;

  template <class Step>
  static void run(stage::actor, const auto&, Step& step) {
    step.descend(stage::actor{}, step.template state_of<policy>().net);
  }
  template <class Step>
    requires(Step::template any<want::target_policy>)
  static void run(stage::targets, const auto&, Step& step) {
    step.template state_of<policy>().net.follow(step.target_rate());
  }

  /// The lookups of such a policy, to derive its own, `Own`, from.  They add  pi(place), the policy at the batch's
  /// states, and give  at(states, how), the policy at states (B', n), which is asked for when gradients are off where
  /// none is wanted.
  template <class Own, class Step, class Backend>
  struct lookups_of : in_step<Step, Own> {
    using tensor = typename Backend::tensor;

    /// pi at the batch's states, or at states (B', n) that are not the batch's, asked for as in concepts/asked.hpp.
    template <class Where, class How>
    auto pi(const Where& where, How how) {
      static_assert(How::to != gradient::input, "a policy's states have no gradient: ask for pi as::fixed");
      static_assert(!detail::asks_target<How> || Step::template any<want::target_policy>,
                    "step.pi(where, as::target): the policy has no slowly moving copy; a part that looks it up says  "
                    "static constexpr bool uses_target_policy = true;");
      [[maybe_unused]] gradient_guard<Backend, How> guard;
      return static_cast<Own&>(*this).at(this->self().state(where), how);
    }
    /// pi at states that are not the batch's, no gradient.
    auto pi(const tensor& states) { return pi(states, as::fixed); }
    /// The policy's network, for an actor that moves it by itself.
    auto& policy_network() { return this->template state_in<policy>().net; }
  };
};
}  // namespace tessera
