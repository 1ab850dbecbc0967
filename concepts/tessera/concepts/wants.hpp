#pragma once
#include <tessera/concepts/actor.hpp>
#include <tessera/concepts/critic.hpp>
#include <tessera/concepts/data.hpp>
#include <tessera/concepts/dynamics.hpp>
#include <tessera/concepts/generative.hpp>
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
/// Of a part that wraps another: the wrapped part must satisfy `Want`.
template <class Wrapped, class Want>
struct around_a {};
/// A part's list of needs.
template <class... Needs>
struct all_of {};
template <class A, class B>
struct merged_needs_of;
template <class... As, class... Bs>
struct merged_needs_of<all_of<As...>, all_of<Bs...>> {
  using type = all_of<As..., Bs...>;
};
template <class A, class B>
using merged_needs = typename merged_needs_of<A, B>::type;
/// The needs of a part that wraps another: those of the other, and its own.
template <class Needs, class... More>
using extended_needs = merged_needs<Needs, all_of<More...>>;
/// A part of the given role without hyper-parameters or needs, to derive from.
template <class Role>
struct no_parameters {
  using role = Role;
  struct params {};
  using needs = all_of<>;
};
/// What to fill the slot with instead; the last word of an error, where there is a remedy.
template <class... Parts>
struct try_;
namespace detail {
// Whether a part's needs name a slot.
template <template <class> class S, class Need>
inline constexpr bool names_slot = false;
template <template <class> class S, class Want>
inline constexpr bool names_slot<S, need<S, Want>> = true;
template <template <class> class S, class List>
inline constexpr bool any_names_slot = false;
template <template <class> class S, class... Needs>
inline constexpr bool any_names_slot<S, all_of<Needs...>> = (names_slot<S, Needs> || ...);
template <template <class> class S, class Part>
inline constexpr bool needs_slot = any_names_slot<S, typename Part::needs>;
template <template <class> class S>
inline constexpr bool needs_slot<S, void> = false;
// Outer<Penalizing<Update>> in the other order: the remedy is Penalizing<Outer<Update>>.
template <template <class> class Outer, class Part>
struct moved_beneath {
  using type = Outer<Part>;
};
template <template <class> class Outer, template <class, class...> class Penalizing, class Update, class... Rest>
  requires AddsPenalty<Penalizing<Update, Rest...>>
struct moved_beneath<Outer, Penalizing<Update, Rest...>> {
  using type = Penalizing<typename moved_beneath<Outer, Update>::type, Rest...>;
  using remedy = try_<type>;
};
}  // namespace detail

/// What is called with an agent, where that does not suit it.
struct calling_train;
struct calling_train_online;
template <class P>
struct Chunked;
template <class Backup>
struct ChunkBackup;
struct ChunkTransitions;
template <class P>
struct Density;
struct Vae;
struct CategoricalSupport;
struct ReverseKl;
struct GaussianPolicy;
struct TanhGaussianPolicy;
struct DeterministicPolicy;
struct Expectile;
struct Exponential;
struct PolicyMean;
struct SoftMaximizeQ;
struct PolicyBackup;
struct GaussianEnsemble;
struct ModelAugmented;
struct ModelRollouts;
struct GreedyPolicy;
struct CategoricalPolicy;
template <class P>
struct BackpropThroughSteps;
template <class P>
struct Generator;
struct FlowPolicy;
struct OneStepPolicy;
struct LatentPolicy;
struct LatentSoftBackup;
struct NoiseAliasedBackup;
struct MatchFlow;
struct AdvantageWeightedFlow;
struct MatchNoise;
struct AdvantageWeightedNoise;

/// Named requirements.  Each wraps a concept, so that it can be a word of an error, and may name a remedy: one for all,
/// and a better one in view of what was got (`in_view_of`), where that has a remedy.  Here are those of more parts than
/// one; what one part alone asks for stands in its header.
namespace want {
/// A want that knows what it is made of, so that an error can name what a part lacks to be it.
template <class Checks>
struct to_be_all {
  using checks = Checks;
  template <class T>
  static constexpr bool met = HasAll<T, Checks>;
};
// What may fill a slot at all.
struct a_component : to_be_all<component_checks> {};
struct a_policy : to_be_all<policy_checks> {};
struct a_critic_update : to_be_all<critic_update_checks> {};
struct a_value_estimate : to_be_all<value_estimate_checks> {};
struct an_actor_objective : to_be_all<actor_objective_checks> {};
struct a_behavior_constraint : to_be_all<behavior_constraint_checks> {};
struct a_behavior_model : to_be_all<behavior_model_checks> {};
struct a_dynamics_model : to_be_all<dynamics_model_checks> {};
struct a_learned_dynamics_model : to_be_all<learned_dynamics_checks> {};
struct an_uncertainty_penalty : to_be_all<uncertainty_penalty_checks> {};
struct a_data_source : to_be_all<data_source_checks> {};
struct an_action_selection : to_be_all<action_selection_checks> {};
struct an_update_schedule : to_be_all<update_schedule_checks> {};
struct default_values : to_be_all<default_values_checks> {};

// What parts need of each other.
struct policy_with_mode {
  template <class T>
  static constexpr bool met = ModePolicy<T>;
  using remedy = try_<GaussianPolicy, CategoricalPolicy>;
};
struct policy_with_log_prob {
  template <class T>
  static constexpr bool met = LogDensityPolicy<T>;
  using remedy = try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>;
  // A generative policy has no density; what the density would be used for has a form without it.
  struct of_a_flow {
    using remedy = try_<MatchFlow, AdvantageWeightedFlow>;
  };
  struct of_a_diffusion {
    using remedy = try_<MatchNoise, AdvantageWeightedNoise>;
  };
  template <class Got>
  using in_view_of =
      std::conditional_t<FlowsToAction<Got>, of_a_flow, std::conditional_t<Denoises<Got>, of_a_diffusion, void>>;
};
struct policy_that_samples {
  template <class T>
  static constexpr bool met = SamplingPolicy<T>;
  using remedy = try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>;
};
struct reparameterized_policy {
  template <class T>
  static constexpr bool met = ReparameterizedPolicy<T>;
  using remedy = try_<DeterministicPolicy, TanhGaussianPolicy>;
  // Through all steps of a generative policy goes a gradient that is asked for by name.
  template <class Got>
  struct through_steps {
    using remedy = try_<BackpropThroughSteps<Got>, OneStepPolicy>;
  };
  template <class Got>
  using in_view_of = std::conditional_t<FlowsToAction<Got> || Denoises<Got>, through_steps<Got>, void>;
};
/// A policy that knows the density of what it samples, or of every action.
struct policy_with_own_log_prob {
  template <class T>
  static constexpr bool met = SoftPolicy<T> || EnumerablePolicy<T>;
  using remedy = try_<TanhGaussianPolicy, CategoricalPolicy>;
};
/// A policy whose expectations can be taken: by samples, or over finitely many actions as a sum.
struct policy_with_expectations {
  template <class T>
  static constexpr bool met = SamplingPolicy<T> || EnumerablePolicy<T>;
  using remedy = try_<GaussianPolicy, TanhGaussianPolicy, CategoricalPolicy>;
};
struct continuous_policy {
  template <class T>
  static constexpr bool met = Policy<T>&& std::same_as<typename T::space, Continuous>;
  using remedy = try_<DeterministicPolicy, GaussianPolicy>;
};
struct discrete_policy {
  template <class T>
  static constexpr bool met = Policy<T>&& std::same_as<typename T::space, Discrete>;
  using remedy = try_<CategoricalPolicy, GreedyPolicy>;
};
/// Batches whose action is a chunk, and not one step's.
struct transitions_of_chunks {
  template <class T>
  static constexpr bool met = DecidesChunks<T>;
  using remedy = try_<ChunkTransitions>;
};
/// Where actions are chunks, a part that does not take them for one step's.
struct part_of_chunks {
  template <class T>
  static constexpr bool met = TakesChunks<T>;
  template <class Got>
  struct around {
    using remedy = try_<ChunkBackup<Got>>;
  };
  template <class Got>
  struct of_what {
    using type = std::conditional_t<OneStepBackup<Got> && !AddsPenalty<Got>, around<Got>, void>;
  };
  template <class P>
  struct of_what<Generator<P>> {
    struct type {
      using remedy = try_<Generator<Chunked<P>>>;
    };
  };
  template <class Got>
  using in_view_of = typename of_what<Got>::type;
};
/// A policy that acts in a generator's noise.
struct policy_in_noise {
  template <class T>
  static constexpr bool met = ActsInNoise<T>;
  using remedy = try_<LatentPolicy>;
};
struct critic_of_noise {
  template <class T>
  static constexpr bool met = CriticUpdate<T>&& ValuesNoise<T>;
  using remedy = try_<LatentSoftBackup, NoiseAliasedBackup>;
};
struct critic_of_actions {
  template <class T>
  static constexpr bool met = CriticUpdate<T>;
  using remedy = try_<PolicyBackup>;
};
/// A critic whose target asks the policy for an action at the next state; a target from in-sample values has none.
struct backup_of_policy_actions {
  template <class T>
  static constexpr bool met = OneStepBackup<T> && !InSample<T>;
  using remedy = try_<PolicyBackup>;
};
/// Of a part that changes the target of the `Wrapped` part: its loss is the new target's alone, and would leave out a
/// term beside the old one's.  The remedy is the other order.
template <template <class> class Outer, class Wrapped>
struct plain_backup_in : detail::moved_beneath<Outer, Wrapped> {
  template <class>
  static constexpr bool met = !AddsPenalty<Wrapped>;
};
struct value_of_states {
  template <class T>
  static constexpr bool met = ValueEstimate<T>;
  using remedy = try_<Expectile, PolicyMean>;
};
struct value_with_a_network {
  template <class T>
  static constexpr bool met = FittedValue<T>;
  using remedy = try_<Expectile>;
};
struct soft_maximum_value {
  template <class T>
  static constexpr bool met = SoftMaximumValue<T>;
  using remedy = try_<Exponential>;
};
struct actor_with_temperature {
  template <class T>
  static constexpr bool met = EntropyRegularized<T>;
  using remedy = try_<SoftMaximizeQ>;
};

struct behavior_with_density {
  template <class T>
  static constexpr bool met = BehaviorDensity<T>;
  using remedy = try_<Density<TanhGaussianPolicy>>;
};
struct behavior_that_samples {
  template <class T>
  static constexpr bool met = BehaviorSampler<T>;
  using remedy = try_<Vae, Density<TanhGaussianPolicy>>;
};
/// A behavior model that is a function of noise, as an ODE's solution is; a sampler that draws at every step is none.
struct behavior_that_generates {
  template <class T>
  static constexpr bool met = GenerativeBehavior<T>;
  using remedy = try_<Generator<FlowPolicy>>;
};
struct behavior_with_support {
  template <class T>
  static constexpr bool met = BehaviorSupport<T>;
  using remedy = try_<CategoricalSupport>;
};
/// Of policy and model: where the policy lists its actions, the model must too, for a sum over them.
struct behavior_over_finite_actions {
  template <class P, class M>
  static constexpr bool met = !EnumerablePolicy<P> || EnumerableBehavior<M>;
};
struct dynamics_to_imagine_with {
  template <class T>
  static constexpr bool met = DynamicsModel<T>;
  using remedy = try_<GaussianEnsemble>;
};
/// An ensemble, whose members may disagree: a single model has no measure of its uncertainty.
struct ensemble_of_dynamics {
  template <class T>
  static constexpr bool met = EnsembleDynamics<T>;
  using remedy = try_<GaussianEnsemble>;
};
struct data_with_imagined_transitions {
  template <class T>
  static constexpr bool met = ImaginesTransitions<T>;
  using remedy = try_<ModelAugmented>;
};
/// Batches of the policy's own actions: what is an expectation over them is not one over a log.
struct paths_of_the_policy {
  template <class T>
  static constexpr bool met = FollowsPolicy<T>;
  using remedy = try_<ModelRollouts>;
};
/// Batches whose actions are all the log's: what is fitted to them must not meet the policy's own.
struct logged_transitions_alone {
  template <class T>
  static constexpr bool met = DataSource<T> && !ImaginesTransitions<T>;
  using remedy = try_<Offline>;
};
/// Batches with the returns of trajectories: the log's, or the policy's own; a truncated model rollout has none.
struct transitions_with_returns {
  template <class T>
  static constexpr bool met = logged_transitions_alone::met<T> || FollowsPolicy<T>;
  using remedy = try_<Offline, ModelRollouts>;
};
/// Of `train`, which has a log alone: batches with nothing in them that is collected online.
struct batches_of_a_log_alone {
  template <class T>
  static constexpr bool met = DataSource<T> && !TrainsOnline<T>;
  using remedy = try_<calling_train_online, Offline>;
};
struct divergence_at_states {
  template <class T>
  static constexpr bool met = StateDivergence<T>;
  using remedy = try_<ReverseKl>;
};

// What the parts of a recipe ask of the learner's networks: a slowly moving copy of the policy's, of the value's.
struct target_policy {
  template <class T>
  static constexpr bool met = UsesTargetPolicy<T>;
};
struct target_value {
  template <class T>
  static constexpr bool met = UsesTargetValue<T>;
};

// What pairs of parts must have in common.
struct same_action_space {
  template <class A, class B>
  static constexpr bool met = std::same_as<typename A::space, typename B::space>;
};
}  // namespace want
}  // namespace tessera
