#pragma once
#include <concepts>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
/// What the policy maximises, as a loss to minimise.
/// Law: its gradient reaches the policy's parameters alone; critics, values and weights are constants.
template <class A>
concept ActorObjective = Plays<A, role::actor_objective> &&
    requires(const typename A::params& h, symbolic_step& step) {
      { A::loss(h, step) } -> std::same_as<terms<symbol>>;
    };

/// An actor objective with an entropy temperature of its own.
/// Law: the temperature is positive, and rises while the policy's entropy is below its target.
template <class A>
concept EntropyRegularized = ActorObjective<A> && requires(const typename A::params& h, symbolic_step& step) {
  { A::temperature(h, step) } -> std::same_as<symbol>;
};

/// A part with multipliers that are adjusted after the networks (temperatures, Lagrange multipliers): `duals` is
/// their loss, `step_duals` one step of their optimisers.
template <class A>
concept HasDuals = requires(const typename A::params& h, symbolic_step& step) {
  { A::duals(h, step) } -> std::same_as<terms<symbol>>;
  A::step_duals(step);
};

/// What keeps the policy near the data: a penalty added to the actor's loss.
/// Law: least where the policy reproduces the logged actions.
template <class C>
concept BehaviorConstraint = Plays<C, role::behavior_constraint> &&
    requires(const typename C::params& h, symbolic_step& step) {
      { C::loss(h, step) } -> std::same_as<terms<symbol>>;
    };

/// How an action is chosen at test time.
/// Law: the action is inside the action space.
template <class S>
concept ActionSelection = Plays<S, role::action_selection> &&
    requires(const typename S::params& h, symbolic_step& step) {
      { S::act(h, step) } -> std::same_as<symbol>;
    };
}  // namespace tessera
