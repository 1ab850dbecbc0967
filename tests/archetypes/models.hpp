#pragma once
#include <array>

#include <tessera/concepts/generative.hpp>
#include <tessera/concepts/wants.hpp>
#include <tessera/critic/ensemble_critic.hpp>
#include <tessera/policy/network_policy.hpp>
#include <tessera/schedule/schedule.hpp>
#include <tessera/value/network_value.hpp>

/// For every concept a model that has what the concept asks for, and nothing else: a part that compiles with
/// it asks for no more than it says.
namespace archetypes {
using namespace tessera;

struct network_params {
  std::int64_t net = 0;
  std::int64_t adam = 0;

  static constexpr doc docs[] = {{"net", "of no account"}, {"adam", "of no account"}};
};
struct critic_params {
  std::int64_t net = 0;
  std::int64_t adam = 0;
  double discount = 0.9;
  double polyak = 0.1;
  std::int64_t members = 1;

  static constexpr doc docs[] = {{"net", "of no account"},
                                 {"adam", "of no account"},
                                 {"discount", "gamma"},
                                 {"polyak", "rate of the targets"},
                                 {"members", "N"}};
};
struct huber_params {
  double huber = 0;

  static constexpr doc docs[] = {{"huber", "delta"}};
};
struct return_params {
  double discount = 0.9, lambda = 0.9;

  static constexpr doc docs[] = {{"discount", "gamma"}, {"lambda", "weight of the longer return"}};
};

template <class Space>
struct MinimalPolicy : NetworkPolicy {
  using space = Space;
  using params = network_params;
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
template <class Space>
struct MinimalSamplingPolicy : MinimalPolicy<Space> {
  static constexpr noise noise_kind = noise::uniform;
  static constexpr std::int64_t noise_size(std::int64_t size) { return size; }
  template <class T>
  static T sample(const network_params&, const head<T>&, const T&) {
    return {};
  }
};
template <class Space>
struct MinimalLogDensityPolicy : MinimalPolicy<Space> {
  template <class T>
  static T log_prob(const network_params&, const head<T>&, const T&) {
    return {};
  }
};
struct MinimalFisherPolicy : MinimalLogDensityPolicy<Continuous> {
  template <class T>
  static head<T> fisher(const network_params&, const head<T>&, const head<T>&) {
    return {};
  }
};
struct MinimalReparameterizedPolicy : MinimalSamplingPolicy<Continuous> {
  static constexpr bool reparameterized = true;
};
struct MinimalSoftPolicy : MinimalReparameterizedPolicy {
  template <class T>
  static T log_prob(const params&, const head<T>&, const T&) {
    return {};
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params&, const head<T>&, const T&) {
    return {};
  }
};
struct MinimalEnumerablePolicy : MinimalLogDensityPolicy<Discrete> {
  template <class T>
  static T log_probs(const params&, const head<T>&) {
    return {};
  }
};

template <class Step>
struct generative_at_states {
  using T = typename Step::tensor;
  T sample() const { return {}; }
  T samples(std::int64_t) const { return {}; }
  T matching_error(const T&) const { return {}; }
};
template <class Step>
struct flow_at_states : generative_at_states<Step> {
  using T = typename Step::tensor;
  T velocity(const T&, const T&) const { return {}; }
};
template <class Step>
struct denoiser_at_states : generative_at_states<Step> {
  using T = typename Step::tensor;
  T predicted_noise(const T&, const T&) const { return {}; }
};
template <class Step>
struct one_step_at_states {
  using T = typename Step::tensor;
  T sample() const { return {}; }
  T sample(const T&) const { return {}; }
  T samples(std::int64_t) const { return {}; }
  generated<T> latent_sample() const { return {}; }
};
template <class Step>
struct in_noise_at_states {
  using T = typename Step::tensor;
  T sample() const { return {}; }
  T samples(std::int64_t) const { return {}; }
  drawn<T> latent_with_log_prob() const { return {}; }
  T action_of(const T&) const { return {}; }
};
template <template <class> class At>
struct MinimalGenerativePolicy {
  using role = role::policy;
  using space = Continuous;
  struct params {};
  using needs = all_of<>;
  static constexpr bool reparameterized = true;
  template <class Part, class Step>
  using at_states = At<Step>;
  template <class Step>
  static void run(stage::actor, const params&, Step&) {}
  template <class Step, class Backend>
  struct lookups {
    At<Step> pi(place) { return {}; }
  };
};

struct MinimalCritic : EnsembleCritic {
  using params = critic_params;
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"critic/least", {}};
  }
};

struct MinimalCriticOfNoise : MinimalCritic {
  static constexpr bool values_noise = true;
  template <class Step, class Backend>
  struct lookups : EnsembleCritic::lookups<Step, Backend> {
    typename Backend::tensor noise_q(place, const typename Backend::tensor&, decltype(as::frozen)) { return {}; }
  };
};

struct MinimalValue {
  using role = role::value_estimate;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor estimate(const auto&, Step&, place) {
    return {};
  }
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step&) {
    return {};
  }
};
struct MinimalFittedValue : NetworkValue {
  using params = network_params;
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step&) {
    return {};
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"value/least", {}};
  }
};

struct MinimalSoftMaximumValue : MinimalValue {
  static double temperature(const params&) { return 1; }
};
struct MinimalValueOfReturns : MinimalFittedValue {
  using params = joined<network_params, return_params>;
  using reads = columns<column::returns>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"value/least", {}};
  }
};

struct MinimalActor {
  using role = role::actor_objective;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"actor/least", {}};
  }
};
struct MinimalActorWithTemperature : MinimalActor {
  template <class Step>
  static typename Step::tensor temperature(const params&, Step&) {
    return {};
  }
};
struct MinimalActorWithDuals : MinimalActor {
  template <class Step>
  static void run(stage::duals, const params&, Step& step) {
    step.descend({"actor/dual", {}});
  }
};

struct MinimalBackup : MinimalCritic {
  using params = joined<critic_params, huber_params>;
  template <class Step>
  static typename Step::tensor reward(const critic_params&, Step&) {
    return {};
  }
  template <class Step>
  static typename Step::tensor next_value(const critic_params&, Step&) {
    return {};
  }
};
struct MinimalActionBackup : MinimalBackup {
  using MinimalBackup::next_value;
  template <class Step>
  static typename Step::tensor next_action(const critic_params&, Step&) {
    return {};
  }
  template <class Step>
  static typename Step::tensor next_value(const critic_params&, Step&, const typename Step::tensor&) {
    return {};
  }
};

template <class Space>
struct MinimalBehaviorModel {
  using role = role::behavior_model;
  using space = Space;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static void run(stage::behavior, const params&, Step&) {}
};
struct MinimalBehaviorSupport : MinimalBehaviorModel<Discrete> {
  template <class Step>
  static typename Step::tensor support(const auto&, Step&, place) {
    return {};
  }
};
template <class Space>
struct MinimalBehaviorDensity : MinimalBehaviorModel<Space> {
  template <class Step>
  static typename Step::tensor log_prob(const auto&, Step&, place, const typename Step::tensor&) {
    return {};
  }
};
struct MinimalEnumerableBehavior : MinimalBehaviorDensity<Discrete> {
  template <class Step>
  static typename Step::tensor log_probs(const auto&, Step&, place) {
    return {};
  }
};
struct MinimalBehaviorSampler : MinimalBehaviorModel<Continuous> {
  template <class Step>
  static typename Step::tensor samples(const auto&, Step&, place, std::int64_t) {
    return {};
  }
};

struct MinimalGenerator : MinimalBehaviorSampler {
  template <class Step>
  static typename Step::tensor generate(const auto&, Step&, const typename Step::tensor&,
                                        const typename Step::tensor&) {
    return {};
  }
};

struct MinimalReversible : MinimalGenerator {
  template <class Step>
  static typename Step::tensor noise_of(const auto&, Step&, const typename Step::tensor&,
                                        const typename Step::tensor&) {
    return {};
  }
};

struct MinimalConstraint {
  using role = role::behavior_constraint;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"constraint/least", {}};
  }
};
struct MinimalDivergence : MinimalConstraint {
  template <class Step>
  static typename Step::tensor at(const auto&, Step&, place) {
    return {};
  }
  template <class Step>
  static double coefficient(const auto&, Step&) {
    return 1;
  }
};
struct MinimalActsByCritic {
  using role = role::policy;
  using space = Discrete;
  struct params {};
  using needs = all_of<>;
  static constexpr bool acts_by_critic = true;
};
struct MinimalSelection {
  using role = role::action_selection;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor act(const params&, Step&) {
    return {};
  }
};
struct MinimalDataSource {
  using role = role::data_source;
  struct params {};
  using needs = all_of<>;
  template <class Data, class Out>
  static void prepare(const auto&, const Data&, Out&) {}
  template <class Replay>
  static typename Replay::batch_type batch(const auto&, const Replay&, std::uint64_t, std::int64_t, std::int64_t,
                                           const auto&) {
    return {};
  }
};
struct MinimalImaginingData : MinimalDataSource {
  static constexpr bool imagines = true;
  static void refill(const auto&, auto&, auto&) {}
};
struct MinimalPaths : MinimalImaginingData {
  static constexpr bool follows_policy = true;
  using brings = columns<column::returns>;
};
struct MinimalDynamics {
  using role = role::dynamics_model;
  struct params {};
  using needs = all_of<>;
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const auto&, Step&, const T&, const T&) {
    return {};
  }
};
struct MinimalEnsemble : MinimalDynamics {
  struct params {
    std::int64_t elites = 1;

    static constexpr doc docs[] = {{"elites", "how many are drawn from"}};
  };
  using MinimalDynamics::imagine;
  template <class Step, class T = typename Step::tensor>
  static Prediction<T> members(const params&, Step&, const T&, const T&) {
    return {};
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T&, const T&, const Prediction<T>&) {
    return {};
  }
};
struct MinimalPenalty {
  using role = role::uncertainty_penalty;
  struct params {};
  using needs = all_of<>;
  template <class Step, class T = typename Step::tensor>
  static T penalize(const params&, Step&, const Prediction<T>&, imagined<T>&) {
    return {};
  }
};
struct MinimalTargetPenalty {
  using role = role::uncertainty_penalty;
  struct params {};
  using needs = all_of<>;
  template <class Step>
  static typename Step::tensor penalty(const params&, Step&) {
    return {};
  }
};
struct MinimalSchedule {
  using role = role::update_schedule;
  struct params {};
  using needs = all_of<>;
  using order = list_of<stage::critic, stage::value, stage::actor, stage::duals, stage::targets>;
  static constexpr phase when(auto, const params&) { return {}; }
};
struct MinimalDefaults : no_parameters<role::default_values> {};
}  // namespace archetypes
