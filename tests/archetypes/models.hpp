#pragma once
#include <array>

#include <tessera/compose/schedule.hpp>
#include <tessera/concepts/wants.hpp>

/// For every concept a model that has what the concept asks for, and nothing else: a part that compiles with
/// it asks for no more than it says.
namespace archetypes {
using namespace tessera;

struct network_params {
  int net = 0;
  int adam = 0;
};
struct critic_params {
  int net = 0;
  int adam = 0;
  double discount = 0.9;
  double polyak = 0.1;
  std::int64_t members = 1;
};

template <class Space>
struct LeastPolicy {
  using role = role::policy;
  using space = Space;
  using params = network_params;
  using needs_ = needs<>;
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

template <class Space>
struct LeastCritic {
  using role = role::critic_update;
  using space = Space;
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
struct LeastFittedValue : LeastValue {
  using params = network_params;
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
  static terms<typename Step::tensor> duals(const params&, Step&) {
    return {"actor/dual", {}};
  }
  template <class Step>
  static void step_duals(Step&) {}
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
  static void prepare(const params&, const Data&, Out&) {}
};
struct LeastSchedule {
  using role = role::update_schedule;
  struct params {};
  using needs_ = needs<>;
  static constexpr std::array<phase, 1> stages(const params&) { return {{{stage::actor}}}; }
};
struct LeastDefaults : no_parameters<role::default_values> {};
}  // namespace archetypes
