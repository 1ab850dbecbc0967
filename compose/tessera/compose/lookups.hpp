#pragma once
#include <cstdint>

#include <tessera/compose/recipe.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/lookups.hpp>
#include <tessera/concepts/types.hpp>

/// What a slot lets the parts of a recipe look up, whichever part is in it.  A step is the sum of these and of what the parts bring themselves.
namespace tessera {
template <class Part, class Step, class Backend>
struct policy_lookups {
  using policy_type = Part;
};

template <class Part, class Step, class Backend>
struct value_lookups : in_step<Step, value_lookups<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// V(s), (B), and A(s, a_D), (B), as the value slot has them; no gradient.
  tensor value(place where) {
    typename Backend::no_grad guard;
    return Part::estimate(this->template params_in<tessera::value>(), this->self(), where);
  }
  tensor advantage() {
    typename Backend::no_grad guard;
    return Part::advantage(this->template params_in<tessera::value>(), this->self());
  }
  /// The temperature of a value that is a soft maximum.
  double value_temperature() { return Part::temperature(this->template params_in<tessera::value>()); }
};

template <class Part, class Step, class Backend>
struct actor_lookups : in_step<Step, actor_lookups<Part, Step, Backend>> {
  /// The actor's entropy temperature, a scalar, no gradient.
  typename Backend::tensor temperature() { return Part::temperature(this->template params_in<actor>(), this->self()); }
};

template <class Part, class Step, class Backend>
struct constraint_lookups : in_step<Step, constraint_lookups<Part, Step, Backend>> {
  /// What the constraint charges at a state: its coefficient times its divergence there, (B), no gradient.
  typename Backend::tensor penalty(place where) {
    typename Backend::no_grad guard;
    const auto& h = this->template params_in<constraint>();
    return Part::coefficient(h, this->self()) * Part::at(h, this->self(), where);
  }
};

template <class Part, class Step, class Backend>
struct behavior_lookups : in_step<Step, behavior_lookups<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// What the behavior's model says; the gradient reaches the action.
  tensor behavior_log_prob(place where, const tensor& a) { return Part::log_prob(h(), this->self(), where, a); }
  tensor behavior_log_probs(place where) { return Part::log_probs(h(), this->self(), where); }
  /// Discrete actions: which of them the data support, (B, A) of 0 and 1, no gradient.
  tensor behavior_support(place where) { return Part::support(h(), this->self(), where); }
  /// K actions of the behavior's for each state, (B, K, d), no gradient.
  tensor behavior_samples(place where, std::int64_t count) { return Part::samples(h(), this->self(), where, count); }

 private:
  const auto& h() { return this->template params_in<behavior>(); }
};

template <class Part, class Step, class Backend>
struct dynamics_lookups : in_step<Step, dynamics_lookups<Part, Step, Backend>> {
  using tensor = typename Backend::tensor;
  /// What the dynamics model says of states and actions, (B', n) and (B', d), in the task's units; no gradient.
  Prediction<tensor> members(const tensor& states, const tensor& actions) {
    typename Backend::no_grad guard;
    return Part::members(this->template params_in<dynamics>(), this->self(), states, actions);
  }
};

namespace detail {
template <class Slot, class Step, class B>
struct slot_brings {};
template <class Slot, class Step, class B>
  requires requires { typename Slot::template lookups<Step, B>; }
struct slot_brings<Slot, Step, B> : Slot::template lookups<Step, B> {};
template <class Slot, class Step, class B>
struct part_brings {};
template <class Slot, class Step, class B>
  requires requires { typename Slot::type::template lookups<Step, B>; }
struct part_brings<Slot, Step, B> : Slot::type::template lookups<Step, B> {};
template <class Step, class B>
struct lookups_in {
  template <class... Slots>
  struct of : slot_brings<Slots, Step, B>..., part_brings<Slots, Step, B>... {};
};
}  // namespace detail
}  // namespace tessera
