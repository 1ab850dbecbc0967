#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include <tessera/concepts/checks.hpp>
#include <tessera/concepts/spaces.hpp>

namespace tessera {
// clang-format off
namespace lack {
/// using action_type = float;  or std::int64_t where actions are indices
struct action_type  { template <class E> static constexpr bool found = requires { typename E::action_type; }; };
/// std::int64_t count() const, int horizon() const, const float* observations() const
struct count        { template <class E> static constexpr bool found = requires(const E& e) { { e.count() } -> std::convertible_to<std::int64_t>; }; };
struct horizon      { template <class E> static constexpr bool found = requires(const E& e) { { e.horizon() } -> std::convertible_to<int>; }; };
struct observations { template <class E> static constexpr bool found = requires(const E& e) { { e.observations() } -> std::convertible_to<const float*>; }; };
/// void reset(std::uint64_t seed)
struct reset        { template <class E> static constexpr bool found = requires(E& e) { e.reset(std::uint64_t{}); }; };
/// void step(const action_type* actions, float* rewards, std::uint8_t* terminated)
struct step         { template <class E> static constexpr bool found = requires(E& e, const typename E::action_type* actions, float* rewards, std::uint8_t* terminated) { e.step(actions, rewards, terminated); }; };
}  // namespace lack
// clang-format on
using simulation_checks = checks<lack::action_space, lack::action_type, lack::count, lack::horizon, lack::observations,
                                 lack::reset, lack::step>;
/// A batch of independent copies of one simulated task, stepped together.
///   `observations()`           (count, observation_size) row-major, of the current states
///   `reset(seed)`              resets every copy; the initial state of copy i depends on (seed, i) alone
///   `step(actions, rewards, terminated)`  moves every copy; `actions` are in the task's own units
/// Laws: equal seeds and actions give equal trajectories; a copy's trajectory does not depend on `count`;
/// `step` neither resets a terminated copy nor cuts at the horizon: the caller does.
template <class E>
concept Simulation = HasAll<E, simulation_checks>;
/// A simulation that cuts episodes by itself, beside the time limit that is the caller's.
///   `truncated()`  (count) flags of the copies that the steps since the last reset have cut; null: none ever is
/// A copy that is cut stays as one that has terminated; its value is bootstrapped.
template <class E>
concept CutsEpisodes = Simulation<E> && requires(const E& e) {
  { e.truncated() } -> std::convertible_to<const std::uint8_t*>;
};

// clang-format off
namespace lack {
/// static constexpr const char* name, std::int64_t observation_size, action_size, int default_horizon
struct name             { template <class E> static constexpr bool found = requires { { E::name } -> std::convertible_to<const char*>; }; };
struct observation_size { template <class E> static constexpr bool found = requires { { E::observation_size } -> std::convertible_to<std::int64_t>; }; };
struct action_size      { template <class E> static constexpr bool found = requires { { E::action_size } -> std::convertible_to<std::int64_t>; }; };
struct default_horizon  { template <class E> static constexpr bool found = requires { { E::default_horizon } -> std::convertible_to<int>; }; };
/// E(std::int64_t count, int horizon, std::uint64_t seed)
struct constructor_of_count_horizon_and_seed { template <class E> static constexpr bool found = requires { E(std::int64_t{}, int{}, std::uint64_t{}); }; };
}  // namespace lack
// clang-format on
using environment_checks =
    and_checks<simulation_checks, checks<lack::name, lack::observation_size, lack::action_size, lack::default_horizon,
                                         lack::constructor_of_count_horizon_and_seed>>;
/// A simulation whose name and sizes belong to its type.
///   `E{count, horizon, seed}`  copies; copy i starts from a state that depends on (seed, i) alone
template <class E>
concept Environment = HasAll<E, environment_checks>;

// clang-format off
namespace lack {
/// name(), observation_size(), action_size(), default_horizon(), all const, of a task
struct name_of_the_task       { template <class T> static constexpr bool found = requires(const T& t) { { t.name() } -> std::convertible_to<std::string>; }; };
struct observation_size_of_it { template <class T> static constexpr bool found = requires(const T& t) { { t.observation_size() } -> std::convertible_to<std::int64_t>; }; };
struct action_size_of_it      { template <class T> static constexpr bool found = requires(const T& t) { { t.action_size() } -> std::convertible_to<std::int64_t>; }; };
struct default_horizon_of_it  { template <class T> static constexpr bool found = requires(const T& t) { { t.default_horizon() } -> std::convertible_to<int>; }; };
/// make(std::int64_t count, int horizon, std::uint64_t seed) const: a Simulation
struct make_that_returns_a_simulation { template <class T> static constexpr bool found = requires(const T& t) { { t.make(std::int64_t{}, int{}, std::uint64_t{}) } -> Simulation; }; };
}  // namespace lack
// clang-format on
using task_checks = checks<lack::action_space, lack::name_of_the_task, lack::observation_size_of_it,
                           lack::action_size_of_it, lack::default_horizon_of_it, lack::make_that_returns_a_simulation>;
/// What makes simulations of one task, and knows its name and sizes at run time: a problem read from a file is one, and
/// `TaskOf<E>` of an environment.
///   `make(count, horizon, seed)`  copies, as an `Environment` makes them
template <class T>
concept Task = HasAll<T, task_checks>;

// What is said where one of them is asked for and is not there.
struct an_environment {
  using checks = environment_checks;
};
struct a_task {
  using checks = task_checks;
};
template <class... Sentence>
struct environment_error;
namespace detail {
template <class E, class Wanted, class Lacking = tessera::first_lack<E, typename Wanted::checks>>
struct must_be {
  struct loud : environment_error<component<E>, lacks<Lacking>, to_be<Wanted>> {};
  static constexpr auto size = sizeof(loud);
};
template <class E, class Wanted>
struct must_be<E, Wanted, void> {
  static constexpr std::size_t size = 1;
};
}  // namespace detail

/// The task of an environment.  For any other type it is one error, which says what is missing.
template <class E>
struct TaskOf {
  static_assert(detail::must_be<E, an_environment>::size > 0);
};
template <Environment E>
struct TaskOf<E> {
  using space = typename E::space;
  using environment = E;
  static constexpr const char* name() { return E::name; }
  static constexpr std::int64_t observation_size() { return E::observation_size; }
  static constexpr std::int64_t action_size() { return E::action_size; }
  static constexpr int default_horizon() { return E::default_horizon; }
  static E make(std::int64_t count, int horizon, std::uint64_t seed) { return E(count, horizon, seed); }
};
}  // namespace tessera
