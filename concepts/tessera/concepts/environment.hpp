#pragma once
#include <concepts>
#include <cstdint>

#include <tessera/concepts/spaces.hpp>

namespace tessera {
/// A batch of independent copies of one simulated task, stepped together.
///   `E{count, horizon, seed}`  copies; copy i starts from a state that depends on (seed, i) alone
///   `observations()`           (count, observation_size) row-major, of the current states
///   `step(actions, rewards, terminated)`  moves every copy; `actions` are in the task's own units
/// Laws: equal seeds and actions give equal trajectories; a copy's trajectory does not depend on `count`;
/// `step` neither resets a terminated copy nor cuts at the horizon: the caller does.
template <class E>
concept Environment = ActionSpace<typename E::space> &&
    requires(E e, const E& c, const typename E::action_type* actions, float* rewards, std::uint8_t* terminated) {
      { E::name } -> std::convertible_to<const char*>;
      { E::observation_size } -> std::convertible_to<std::int64_t>;
      { E::action_size } -> std::convertible_to<std::int64_t>;
      { E::default_horizon } -> std::convertible_to<int>;
      E(std::int64_t{}, int{}, std::uint64_t{});
      { c.count() } -> std::convertible_to<std::int64_t>;
      { c.horizon() } -> std::convertible_to<int>;
      { c.observations() } -> std::convertible_to<const float*>;
      e.reset(std::uint64_t{});
      e.step(actions, rewards, terminated);
    };
}  // namespace tessera
