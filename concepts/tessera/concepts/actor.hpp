#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
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

/// An actor objective that moves the policy's network by itself, in place of the network's optimiser: `move` comes after the
/// gradient of the losses.
/// Law: it clears the gradient.
template <class A>
concept MovesPolicy = ActorObjective<A> && requires(const typename A::params& h, symbolic_step& step) { A::move(h, step); };

/// An actor objective that does something with all logged transitions before the first update, once.
template <class A>
concept StartsFromLog = ActorObjective<A> && requires(const typename A::params& h, symbolic_step& step) { A::start(h, step); };

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

/// A constraint that is a divergence of the policy from the behaviour at a state, times a coefficient.
///   at(h, step, place)    D(s) or D(s'), (B); at s the gradient reaches the policy
///   coefficient(h, step)  a number, or a scalar without gradient
/// Law: the loss is the coefficient times the mean of D(s).
template <class C>
concept StateDivergence = BehaviorConstraint<C> && requires(const typename C::params& h, symbolic_step& step, place where) {
  { C::at(h, step, where) } -> std::same_as<symbol>;
  C::coefficient(h, step);
};

/// A part with networks of its own that are fitted to the data, before anything else of an update: `fit` is their loss,
/// `step_fit` one step of their optimisers, `fits(h, k)` how often that is done in update k.
template <class C>
concept FitsData = requires(const typename C::params& h, symbolic_step& step, std::int64_t update) {
  { C::fit(h, step) } -> std::same_as<terms<symbol>>;
  C::step_fit(step);
  { C::fits(h, update) } -> std::convertible_to<std::int64_t>;
};

/// One whose further steps in an update, after the first, are each on a fresh batch of the data.
template <class C>
concept FitsToFreshData = FitsData<C> && C::fits_to_fresh_data;

/// What acted when the data were logged, as far as the data tell.
template <class M>
concept BehaviorModel = Plays<M, role::behavior_model> && ActionSpace<typename M::space> && FitsData<M> &&
    requires(const typename M::params& h) {
      { h.head_start } -> std::convertible_to<std::int64_t>;  // updates in which it alone is trained
    };

/// A behaviour model with a density:  log_prob(h, step, place, action), (B); the gradient reaches the action.
/// Law: exp(log_prob(s, .)) integrates (sums) to one over the action space.
template <class M>
concept BehaviorDensity = BehaviorModel<M> && requires(const typename M::params& h, symbolic_step& step, place where, const symbol& action) {
  { M::log_prob(h, step, where, action) } -> std::same_as<symbol>;
};
/// A behaviour model over finitely many actions:  log_probs(h, step, place), (B, A).
template <class M>
concept EnumerableBehavior = BehaviorDensity<M> && requires(const typename M::params& h, symbolic_step& step, place where) {
  { M::log_probs(h, step, where) } -> std::same_as<symbol>;
};
/// A behaviour model over finitely many actions that says which of them the data support:  support(h, step, place), (B, A), 1 where they do
/// and 0 elsewhere; no gradient.
/// Law: every state supports an action.
template <class M>
concept BehaviorSupport = BehaviorModel<M> && std::same_as<typename M::space, Discrete> &&
    requires(const typename M::params& h, symbolic_step& step, place where) {
      { M::support(h, step, where) } -> std::same_as<symbol>;
    };
/// A behaviour model that can be drawn from:  samples(h, step, place, K), (B, K, d), no gradient.
template <class M>
concept BehaviorSampler = BehaviorModel<M> && requires(const typename M::params& h, symbolic_step& step, place where, std::int64_t count) {
  { M::samples(h, step, where, count) } -> std::same_as<symbol>;
};

/// How an action is chosen at test time.
/// Law: the action is inside the action space.
template <class S>
concept ActionSelection = Plays<S, role::action_selection> &&
    requires(const typename S::params& h, symbolic_step& step) {
      { S::act(h, step) } -> std::same_as<symbol>;
    };
}  // namespace tessera
