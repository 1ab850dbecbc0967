#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/columns.hpp>
#include <tessera/concepts/part.hpp>
#include <tessera/concepts/spaces.hpp>
#include <tessera/concepts/stages.hpp>
#include <tessera/concepts/types.hpp>

namespace tessera {
using actor_objective_checks = part_checks<role::actor_objective, lack::loss_that_returns_terms>;
/// The loss whose gradient improves the policy.
/// Law: the gradient flows into the policy's parameters alone; critics, values and weights are constants.
template <class A>
concept ActorObjective = HasAll<A, actor_objective_checks>;

/// An actor objective with an entropy temperature of its own.
/// Law: the temperature is not negative (0: no entropy term), and, where it is learned, rises while the policy's
/// entropy is below its target.
template <class A>
concept EntropyRegularized = ActorObjective<A> && requires(const typename A::params& h, symbolic_step& step) {
  { A::temperature(h, step) } -> std::same_as<symbol>;
};

/// A penalty whose weight may come from elsewhere, such as a multiplier's:  weighted_loss(h, step, weight), the loss
/// with it and how much of it there was per unit of weight.
template <class C>
concept Weighable = requires(const typename C::params& h, symbolic_step& step, const symbol& weight) {
  { C::weighted_loss(h, step, weight) } -> std::same_as<WeightedLoss<symbol>>;
};
/// One with a weight of its own, h.weight.
template <class C>
concept WeightedPenalty = Weighable<C> && requires(const typename C::params& h) {
  { h.weight } -> std::convertible_to<double>;
};

using behavior_constraint_checks = part_checks<role::behavior_constraint, lack::loss_that_returns_terms>;
/// What keeps the policy near the data: a penalty added to the actor's loss.
/// Law: its minimum is at the policy that reproduces the logged actions.
template <class C>
concept BehaviorConstraint = HasAll<C, behavior_constraint_checks>;

/// A constraint that is a divergence of the policy from the behavior at a state, times a coefficient.
///   at(h, step, place)    D(s) or D(s'), (B); at s the gradient reaches the policy
///   coefficient(h, step)  a number, or a scalar without gradient
/// Law: the loss is the coefficient times the mean of D(s).
template <class C>
concept StateDivergence = BehaviorConstraint<C> &&
    requires(const typename C::params& h, symbolic_step& step, place where) {
  { C::at(h, step, where) } -> std::same_as<symbol>;
  C::coefficient(h, step);
};

namespace lack {
/// static std::int64_t alone(const params& h)
struct alone_that_returns_a_number {};
}  // namespace lack
/// A part that is trained alone in the first updates of a run:  alone(h) of them, in which no stage runs but its slot's
/// own.
template <class C>
concept TrainedAloneFirst = requires(const typename C::params& h) {
  { C::alone(h) } -> std::convertible_to<std::int64_t>;
};

using behavior_model_checks = part_checks<role::behavior_model, lack::action_space, lack::run_in<stage::behavior>>;
/// Who acted when the data were logged, as far as the data tell: networks of its own, fitted to the data in
/// stage::behavior.
template <class M>
concept BehaviorModel = HasAll<M, behavior_model_checks>;

/// A behavior model with a density:  log_prob(h, step, place, action), (B); the gradient reaches the action.
/// Law: exp(log_prob(s, .)) integrates (sums) to one over the action space, but for what a bound at the edges of the
/// box leaves out.
template <class M>
concept BehaviorDensity = BehaviorModel<M> &&
    requires(const typename M::params& h, symbolic_step& step, place where, const symbol& action) {
  { M::log_prob(h, step, where, action) } -> std::same_as<symbol>;
};
/// A behavior model over finitely many actions:  log_probs(h, step, place), (B, A).
template <class M>
concept EnumerableBehavior = BehaviorDensity<M> &&
    requires(const typename M::params& h, symbolic_step& step, place where) {
  { M::log_probs(h, step, where) } -> std::same_as<symbol>;
};
/// A behavior model over finitely many actions that marks those which the data support: support(h, step, place), (B,
/// A), 1 where they do and 0 elsewhere; no gradient.
/// Law: every state supports an action.
template <class M>
concept BehaviorSupport = BehaviorModel<M> && std::same_as<typename M::space, Discrete> &&
    requires(const typename M::params& h, symbolic_step& step, place where) {
  { M::support(h, step, where) } -> std::same_as<symbol>;
};
/// A behavior model that samples: samples(h, step, place, K), (B, K, d), no gradient.
template <class M>
concept BehaviorSampler = BehaviorModel<M> &&
    requires(const typename M::params& h, symbolic_step& step, place where, std::int64_t count) {
  { M::samples(h, step, where, count) } -> std::same_as<symbol>;
};

namespace lack {
/// template <class Step> static typename Step::tensor act(const params& h, Step& step)
struct act_that_returns_a_tensor {
  template <class S>
  static constexpr bool found = requires(const typename S::params& h, symbolic_step& step) {
    { S::act(h, step) } -> std::same_as<symbol>;
  };
};
}  // namespace lack
using action_selection_checks = part_checks<role::action_selection, lack::act_that_returns_a_tensor>;
/// How an action is chosen at test time.
/// Law: the action is inside the action space.
template <class S>
concept ActionSelection = HasAll<S, action_selection_checks>;
}  // namespace tessera
