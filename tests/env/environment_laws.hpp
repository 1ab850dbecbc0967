#pragma once
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/concepts/environment.hpp>

namespace laws {
/// What `count` copies of E go through in 30 steps: all observations, then all rewards, of copy `copy`.
template <tessera::Environment E>
std::vector<float> trajectory(std::int64_t count, std::uint64_t seed, std::int64_t copy) {
  E env(count, E::default_horizon, seed);
  const auto copies = static_cast<std::size_t>(count);
  std::vector<typename E::action_type> actions(copies * E::action_size);
  std::vector<float> rewards(copies), seen;
  std::vector<std::uint8_t> terminated(copies);
  for (int t = 0; t < 30; ++t) {
    for (std::size_t i = 0; i < copies; ++i)
      actions[i] = static_cast<typename E::action_type>((i + std::size_t(t)) % 2);
    const float* row = env.observations() + copy * E::observation_size;
    seen.insert(seen.end(), row, row + E::observation_size);
    env.step(actions.data(), rewards.data(), terminated.data());
    seen.push_back(rewards[static_cast<std::size_t>(copy)]);
    seen.push_back(terminated[static_cast<std::size_t>(copy)]);
  }
  return seen;
}

/// The laws of `Environment`.
template <tessera::Environment E>
void hold_for_environment() {
  const auto one = trajectory<E>(5, 7, 3);
  CHECK(trajectory<E>(5, 7, 3) == one);
  CHECK(trajectory<E>(64, 7, 3) == one);
  CHECK(trajectory<E>(5, 8, 3) != one);
  CHECK(trajectory<E>(5, 7, 1) != one);

  E first(3, E::default_horizon, 11), second(3, E::default_horizon, 12);
  second.reset(11);
  for (int j = 0; j < 3 * E::observation_size; ++j)
    CHECK(first.observations()[j] == second.observations()[j]);
  CHECK(first.count() == 3);
  CHECK(first.horizon() == E::default_horizon);
}
}  // namespace laws
