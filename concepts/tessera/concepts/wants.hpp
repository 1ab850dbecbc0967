#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/data.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/policy.hpp>
#include <tessera/concepts/slots.hpp>
#include <tessera/concepts/value.hpp>

namespace tessera {
/// The component in `Slot` must satisfy `Want`.
template <template <class> class Slot, class Want>
struct need {};
/// The components in `A` and `B` must fit each other.
template <template <class> class A, template <class> class B, class Want>
struct agree {};
/// A part's list of needs.
template <class... Needs>
struct needs {};
/// The needs of a part that wraps another: those of the other, and its own.
template <class Needs, class... More>
struct with_needs_of;
template <class... Needs, class... More>
struct with_needs_of<needs<Needs...>, More...> {
  using type = needs<Needs..., More...>;
};
template <class Needs, class... More>
using with_needs = typename with_needs_of<Needs, More...>::type;
template <class A, class B>
struct joined_needs_of;
template <class... As, class... Bs>
struct joined_needs_of<needs<As...>, needs<Bs...>> {
  using type = needs<As..., Bs...>;
};
template <class A, class B>
using joined_needs = typename joined_needs_of<A, B>::type;
/// A part of the given role without hyper-parameters or needs, to derive from.
template <class Role>
struct no_parameters {
  using role = Role;
  struct params {};
  using needs_ = needs<>;
};
/// What to fill the slot with instead; the last word of an error, where there is a remedy.
template <class... Parts>
struct try_;
namespace detail {
// Outer<Pressing<Update>> in the other order: the remedy is Pressing<Outer<Update>>.
template <template <class> class Outer, class Part>
struct moved_beneath {
  using type = Outer<Part>;
};
template <template <class> class Outer, template <class, class...> class Pressing, class Update, class... Rest>
  requires Presses<Pressing<Update, Rest...>>
struct moved_beneath<Outer, Pressing<Update, Rest...>> {
  using type = Pressing<typename moved_beneath<Outer, Update>::type, Rest...>;
  using remedy = try_<type>;
};
}  // namespace detail

template <class P>
struct Density;
struct Vae;
struct CategoricalSupport;
struct ReverseKl;
struct FixedTemperatureMaximiseQ;
struct GaussianPolicy;
struct TanhGaussianPolicy;
struct DeterministicPolicy;
struct CategoricalPolicy;
struct Expectile;
struct Exponential;
struct PolicyMean;
struct SoftMaximiseQ;
struct PolicyBackup;
struct DiscretePolicyBackup;
struct GaussianEnsemble;
struct ModelAugmented;
struct ModelPaths;
struct PathBaseline;
struct StateDependentGaussianPolicy;

/// Named requirements.  Each wraps a concept, so that it can be a word of an error, and may name a remedy.
namespace want {
// What may fill a slot at all.
struct a_policy              { template <class T> static constexpr bool met = Policy<T>; };
struct a_critic_update       { template <class T> static constexpr bool met = CriticUpdate<T>; };
struct a_value_estimate      { template <class T> static constexpr bool met = ValueEstimate<T>; };
struct an_actor_objective    { template <class T> static constexpr bool met = ActorObjective<T>; };
struct a_behavior_constraint { template <class T> static constexpr bool met = BehaviorConstraint<T>; };
struct a_behavior_model      { template <class T> static constexpr bool met = BehaviorModel<T>; };
struct a_dynamics_model      { template <class T> static constexpr bool met = DynamicsModel<T>; };
struct an_uncertainty_penalty{ template <class T> static constexpr bool met = UncertaintyPenalty<T>; };
struct a_data_source         { template <class T> static constexpr bool met = DataSource<T>; };
struct an_action_selection   { template <class T> static constexpr bool met = ActionSelection<T>; };
struct an_update_schedule    { template <class T> static constexpr bool met = UpdateSchedule<T>; };
struct default_values        { template <class T> static constexpr bool met = DefaultValues<T>; };

// What parts need of each other.
struct policy_with_mode {
  template <class T> static constexpr bool met = TrainedPolicy<T>;
  using remedy = try_<GaussianPolicy, CategoricalPolicy>;
};
struct policy_with_log_prob {
  template <class T> static constexpr bool met = LogDensityPolicy<T>;
  using remedy = try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>;
};
struct policy_that_samples {
  template <class T> static constexpr bool met = SamplingPolicy<T>;
  using remedy = try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>;
};
struct reparameterized_policy {
  template <class T> static constexpr bool met = ReparameterizedPolicy<T>;
  using remedy = try_<DeterministicPolicy, TanhGaussianPolicy>;
};
struct soft_policy {
  template <class T> static constexpr bool met = SoftPolicy<T>;
  using remedy = try_<TanhGaussianPolicy>;
};
/// A policy that knows the density of what it samples, or of every action.
struct policy_with_own_log_prob {
  template <class T> static constexpr bool met = SoftPolicy<T> || EnumerablePolicy<T>;
  using remedy = try_<TanhGaussianPolicy, CategoricalPolicy>;
};
struct policy_with_fisher_information {
  template <class T> static constexpr bool met = FisherPolicy<T>;
  using remedy = try_<GaussianPolicy, StateDependentGaussianPolicy, CategoricalPolicy>;
};
struct policy_over_finite_actions {
  template <class T> static constexpr bool met = EnumerablePolicy<T>;
  using remedy = try_<CategoricalPolicy>;
};
struct continuous_policy {
  template <class T> static constexpr bool met = Policy<T> && std::same_as<typename T::space, Continuous>;
  using remedy = try_<DeterministicPolicy, GaussianPolicy>;
};
struct critic_of_actions {
  template <class T> static constexpr bool met = CriticUpdate<T>;
  using remedy = try_<PolicyBackup>;
};
/// A critic whose target asks the policy for an action at the next state; a target from in-sample values has none.
struct backup_of_policy_actions {
  template <class T> static constexpr bool met = OneStepBackup<T> && !InSample<T>;
  using remedy = try_<PolicyBackup>;
};
struct backup_of_one_action {
  template <class T> static constexpr bool met = ActionBackup<T>;
  using remedy = try_<PolicyBackup>;
};
/// Of a part that changes the target of the `Wrapped` part: its loss is the new target's alone, and would leave out a term
/// beside the old one's.  The remedy is the other order.
template <template <class> class Outer, class Wrapped>
struct unpressed_backup_in : detail::moved_beneath<Outer, Wrapped> {
  template <class> static constexpr bool met = !Presses<Wrapped>;
};
struct critic_of_discrete_actions {
  template <class T> static constexpr bool met = CriticUpdate<T> && std::same_as<typename T::space, Discrete>;
  using remedy = try_<DiscretePolicyBackup>;
};
struct value_of_states {
  template <class T> static constexpr bool met = ValueEstimate<T>;
  using remedy = try_<Expectile, PolicyMean>;
};
struct soft_maximum_value {
  template <class T> static constexpr bool met = SoftMaximumValue<T>;
  using remedy = try_<Exponential>;
};
struct value_of_returns {
  template <class T> static constexpr bool met = RegressesToReturns<T>;
  using remedy = try_<PathBaseline>;
};
struct actor_with_temperature {
  template <class T> static constexpr bool met = EntropyRegularized<T>;
  using remedy = try_<SoftMaximiseQ>;
};

struct actor_with_fixed_temperature {
  template <class T> static constexpr bool met = EntropyRegularized<T> && !HasDuals<T>;
  using remedy = try_<FixedTemperatureMaximiseQ>;
};
struct behavior_with_density {
  template <class T> static constexpr bool met = BehaviorDensity<T>;
  using remedy = try_<Density<TanhGaussianPolicy>>;
};
struct behavior_that_samples {
  template <class T> static constexpr bool met = BehaviorSampler<T>;
  using remedy = try_<Vae, Density<TanhGaussianPolicy>>;
};
struct behavior_with_support {
  template <class T> static constexpr bool met = BehaviorSupport<T>;
  using remedy = try_<CategoricalSupport>;
};
/// Of policy and model: where the policy lists its actions, the model must too, for a sum over them.
struct behavior_over_finite_actions {
  template <class P, class M> static constexpr bool met = !EnumerablePolicy<P> || EnumerableBehavior<M>;
};
struct dynamics_to_imagine_with {
  template <class T> static constexpr bool met = DynamicsModel<T>;
  using remedy = try_<GaussianEnsemble>;
};
/// An ensemble, whose members may disagree: one model alone has no doubt to measure.
struct ensemble_of_dynamics {
  template <class T> static constexpr bool met = EnsembleDynamics<T>;
  using remedy = try_<GaussianEnsemble>;
};
struct data_with_imagined_transitions {
  template <class T> static constexpr bool met = ImaginesTransitions<T>;
  using remedy = try_<ModelAugmented>;
};
/// Batches of the policy's own actions: what is an expectation over them is not one over a log.
struct paths_of_the_policy {
  template <class T> static constexpr bool met = FollowsPolicy<T>;
  using remedy = try_<ModelPaths>;
};
/// Batches whose actions are all the log's: what is fitted to them must not meet the policy's own.
struct logged_transitions_alone {
  template <class T> static constexpr bool met = DataSource<T> && !ImaginesTransitions<T>;
  using remedy = try_<Offline>;
};
/// Batches with the returns of whole paths: the log's, or the policy's own; a branch that is cut has none.
struct transitions_with_returns {
  template <class T> static constexpr bool met = logged_transitions_alone::met<T> || FollowsPolicy<T>;
  using remedy = try_<Offline, ModelPaths>;
};
struct divergence_at_states {
  template <class T> static constexpr bool met = StateDivergence<T>;
  using remedy = try_<ReverseKl>;
};

// What pairs of parts must have in common.
struct same_action_space {
  template <class A, class B> static constexpr bool met = std::same_as<typename A::space, typename B::space>;
};
}  // namespace want

namespace detail {
template <template <class> class Slot>
struct may_hold;
template <> struct may_hold<policy>     { using type = want::a_policy; };
template <> struct may_hold<critic>     { using type = want::a_critic_update; };
template <> struct may_hold<value>      { using type = want::a_value_estimate; };
template <> struct may_hold<actor>      { using type = want::an_actor_objective; };
template <> struct may_hold<constraint> { using type = want::a_behavior_constraint; };
template <> struct may_hold<behavior>   { using type = want::a_behavior_model; };
template <> struct may_hold<dynamics>   { using type = want::a_dynamics_model; };
template <> struct may_hold<uncertainty>{ using type = want::an_uncertainty_penalty; };
template <> struct may_hold<data>       { using type = want::a_data_source; };
template <> struct may_hold<select>     { using type = want::an_action_selection; };
template <> struct may_hold<schedule>   { using type = want::an_update_schedule; };
template <> struct may_hold<defaults>   { using type = want::default_values; };
}  // namespace detail
}  // namespace tessera
