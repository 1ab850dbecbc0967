#pragma once
#include <concepts>
#include <cstdint>
#include <string>

#include <tessera/concepts/spaces.hpp>

namespace tessera {
/// A batch of independent copies of one simulated task, stepped together.
///   `observations()`           (count, observation_size) row-major, of the current states
///   `reset(seed)`              starts every copy anew; copy i from a state that depends on (seed, i) alone
///   `step(actions, rewards, terminated)`  moves every copy; `actions` are in the task's own units
/// Laws: equal seeds and actions give equal trajectories; a copy's trajectory does not depend on `count`;
/// `step` neither resets a terminated copy nor cuts at the horizon: the caller does.
template <class E>
concept Simulation = ActionSpace<typename E::space> &&
    requires(E e, const E& c, const typename E::action_type* actions, float* rewards, std::uint8_t* terminated) {
      { c.count() } -> std::convertible_to<std::int64_t>;
      { c.horizon() } -> std::convertible_to<int>;
      { c.observations() } -> std::convertible_to<const float*>;
      e.reset(std::uint64_t{});
      e.step(actions, rewards, terminated);
    };

/// A simulation whose name and sizes belong to its type.
///   `E{count, horizon, seed}`  copies; copy i starts from a state that depends on (seed, i) alone
template <class E>
concept Environment = Simulation<E> && requires {
  { E::name } -> std::convertible_to<const char*>;
  { E::observation_size } -> std::convertible_to<std::int64_t>;
  { E::action_size } -> std::convertible_to<std::int64_t>;
  { E::default_horizon } -> std::convertible_to<int>;
  E(std::int64_t{}, int{}, std::uint64_t{});
};

/// What makes simulations of one task, and knows its name and sizes at run time: a problem read from a file is one, and
/// `TaskOf<E>` of an environment.
///   `make(count, horizon, seed)`  copies, as an `Environment` makes them
template <class T>
concept Task = ActionSpace<typename T::space> && requires(const T& task) {
  { task.name() } -> std::convertible_to<std::string>;
  { task.observation_size() } -> std::convertible_to<std::int64_t>;
  { task.action_size() } -> std::convertible_to<std::int64_t>;
  { task.default_horizon() } -> std::convertible_to<int>;
  { task.make(std::int64_t{}, int{}, std::uint64_t{}) } -> Simulation;
};

/// The task of an environment.
template <Environment E>
struct TaskOf {
  using space = typename E::space;
  using environment = E;
  static constexpr const char* name() { return E::name; }
  static constexpr std::int64_t observation_size() { return E::observation_size; }
  static constexpr std::int64_t action_size() { return E::action_size; }
  static constexpr int default_horizon() { return E::default_horizon; }
  static E make(std::int64_t count, int horizon, std::uint64_t seed) { return E(count, horizon, seed); }
};
}  // namespace tessera
