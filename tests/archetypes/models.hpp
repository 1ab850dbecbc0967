#pragma once
#include <array>

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

  static constexpr doc docs[] = {{"net", "of no account"}, {"adam", "of no account"}, {"discount", "gamma"}, {"polyak", "rate of the targets"}, {"members", "N"}};
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
struct LeastPolicy : NetworkPolicy {
  using space = Space;
  using params = network_params;
  static head_layout layout(const params&, std::int64_t size) { return {size}; }
  template <class T>
  static T mode(const params&, const head<T>&) {
    return {};
  }
};
template <class Space>
struct LeastSamplingPolicy : LeastPolicy<Space> {
  static constexpr noise noise_kind = noise::uniform;
  static constexpr std::int64_t noise_size(std::int64_t size) { return size; }
  template <class T>
  static T sample(const network_params&, const head<T>&, const T&) {
    return {};
  }
};
template <class Space>
struct LeastLogDensityPolicy : LeastPolicy<Space> {
  template <class T>
  static T log_prob(const network_params&, const head<T>&, const T&) {
    return {};
  }
};
struct LeastFisherPolicy : LeastLogDensityPolicy<Continuous> {
  template <class T>
  static head<T> fisher(const network_params&, const head<T>&, const head<T>&) {
    return {};
  }
};
struct LeastReparameterizedPolicy : LeastSamplingPolicy<Continuous> {
  static constexpr bool reparameterized = true;
};
struct LeastSoftPolicy : LeastReparameterizedPolicy {
  template <class T>
  static T log_prob(const params&, const head<T>&, const T&) {
    return {};
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params&, const head<T>&, const T&) {
    return {};
  }
};
struct LeastEnumerablePolicy : LeastLogDensityPolicy<Discrete> {
  template <class T>
  static T log_probs(const params&, const head<T>&) {
    return {};
  }
};

struct LeastCritic : EnsembleCritic {
  using params = critic_params;
  using needs_ = needs<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"critic/least", {}};
  }
};

struct LeastValue {
  using role = role::value_estimate;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static typename Step::tensor estimate(const auto&, Step&, place) {
    return {};
  }
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step&) {
    return {};
  }
};
struct LeastFittedValue : NetworkValue {
  using params = network_params;
  using needs_ = needs<>;
  template <class Step>
  static typename Step::tensor advantage(const auto&, Step&) {
    return {};
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"value/least", {}};
  }
};

struct LeastSoftMaximumValue : LeastValue {
  static double temperature(const params&) { return 1; }
};
struct LeastValueOfReturns : LeastFittedValue {
  using params = joined<network_params, return_params>;
  using reads = columns<column::returns>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"value/least", {}};
  }
};

struct LeastActor {
  using role = role::actor_objective;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"actor/least", {}};
  }
};
struct LeastActorWithTemperature : LeastActor {
  template <class Step>
  static typename Step::tensor temperature(const params&, Step&) {
    return {};
  }
};
struct LeastActorWithDuals : LeastActor {
  template <class Step>
  static void run(stage::duals, const params&, Step& step) {
    step.descend({"actor/dual", {}});
  }
};

struct LeastBackup : LeastCritic {
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
struct LeastActionBackup : LeastBackup {
  using LeastBackup::next_value;
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
struct LeastBehaviorModel {
  using role = role::behavior_model;
  using space = Space;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static void run(stage::behavior, const params&, Step&) {}
};
struct LeastBehaviorSupport : LeastBehaviorModel<Discrete> {
  template <class Step>
  static typename Step::tensor support(const auto&, Step&, place) {
    return {};
  }
};
template <class Space>
struct LeastBehaviorDensity : LeastBehaviorModel<Space> {
  template <class Step>
  static typename Step::tensor log_prob(const auto&, Step&, place, const typename Step::tensor&) {
    return {};
  }
};
struct LeastEnumerableBehavior : LeastBehaviorDensity<Discrete> {
  template <class Step>
  static typename Step::tensor log_probs(const auto&, Step&, place) {
    return {};
  }
};
struct LeastBehaviorSampler : LeastBehaviorModel<Continuous> {
  template <class Step>
  static typename Step::tensor samples(const auto&, Step&, place, std::int64_t) {
    return {};
  }
};

struct LeastConstraint {
  using role = role::behavior_constraint;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {"constraint/least", {}};
  }
};
struct LeastDivergence : LeastConstraint {
  template <class Step>
  static typename Step::tensor at(const auto&, Step&, place) {
    return {};
  }
  template <class Step>
  static double coefficient(const auto&, Step&) {
    return 1;
  }
};
struct LeastActsByCritic {
  using role = role::policy;
  using space = Discrete;
  struct params {};
  using needs_ = needs<>;
  static constexpr bool acts_by_critic = true;
};
struct LeastSelection {
  using role = role::action_selection;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static typename Step::tensor act(const params&, Step&) {
    return {};
  }
};
struct LeastDataSource {
  using role = role::data_source;
  struct params {};
  using needs_ = needs<>;
  template <class Data, class Out>
  static void prepare(const auto&, const Data&, Out&) {}
  template <class Replay>
  static typename Replay::batch_type batch(const auto&, const Replay&, std::uint64_t, std::int64_t, std::int64_t, const auto&) {
    return {};
  }
};
struct LeastImaginingData : LeastDataSource {
  static constexpr bool imagines = true;
  static void refill(const auto&, auto&, auto&) {}
};
struct LeastPaths : LeastImaginingData {
  static constexpr bool follows_policy = true;
  using brings = columns<column::returns>;
};
struct LeastDynamics {
  using role = role::dynamics_model;
  struct params {};
  using needs_ = needs<>;
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const auto&, Step&, const T&, const T&) {
    return {};
  }
};
struct LeastEnsemble : LeastDynamics {
  struct params {
    std::int64_t elites = 1;

    static constexpr doc docs[] = {{"elites", "how many are drawn from"}};
  };
  using LeastDynamics::imagine;
  template <class Step, class T = typename Step::tensor>
  static forecast<T> members(const params&, Step&, const T&, const T&) {
    return {};
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T&, const T&, const forecast<T>&) {
    return {};
  }
};
struct LeastPenalty {
  using role = role::uncertainty_penalty;
  struct params {};
  using needs_ = needs<>;
  template <class Step, class T = typename Step::tensor>
  static T charge(const params&, Step&, const forecast<T>&, imagined<T>&) {
    return {};
  }
};
struct LeastTargetPenalty {
  using role = role::uncertainty_penalty;
  struct params {};
  using needs_ = needs<>;
  template <class Step>
  static typename Step::tensor penalty(const params&, Step&) {
    return {};
  }
};
struct LeastSchedule {
  using role = role::update_schedule;
  struct params {};
  using needs_ = needs<>;
  using order = list_of<stage::critic, stage::value, stage::actor, stage::duals, stage::targets>;
  static constexpr phase when(auto, const params&) { return {}; }
};
struct LeastDefaults : no_parameters<role::default_values> {};
}  // namespace archetypes
