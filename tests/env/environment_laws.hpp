#pragma once
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/concepts/environment.hpp>

namespace laws {
/// What `count` copies of a task go through in 30 steps: all observations, then all rewards, of copy `copy`.
template <tessera::Task T>
std::vector<float> trajectory(const T& task, std::int64_t count, std::uint64_t seed, std::int64_t copy) {
  auto env = task.make(count, task.default_horizon(), seed);
  using action_type = typename decltype(env)::action_type;
  const auto copies = static_cast<std::size_t>(count);
  std::vector<action_type> actions(copies * static_cast<std::size_t>(task.action_size()));
  std::vector<float> rewards(copies), seen;
  std::vector<std::uint8_t> terminated(copies);
  for (int t = 0; t < 30; ++t) {
    for (std::size_t i = 0; i < copies; ++i) actions[i] = static_cast<action_type>((i + std::size_t(t)) % 2);
    const float* row = env.observations() + copy * task.observation_size();
    seen.insert(seen.end(), row, row + task.observation_size());
    env.step(actions.data(), rewards.data(), terminated.data());
    seen.push_back(rewards[static_cast<std::size_t>(copy)]);
    seen.push_back(terminated[static_cast<std::size_t>(copy)]);
  }
  return seen;
}

/// The laws of `Task` and of the `Simulation` it makes.
template <tessera::Task T>
void hold_for_task(const T& task) {
  const auto one = trajectory(task, 5, 7, 3);
  CHECK(trajectory(task, 5, 7, 3) == one);
  CHECK(trajectory(task, 64, 7, 3) == one);
  CHECK(trajectory(task, 5, 8, 3) != one);
  CHECK(trajectory(task, 5, 7, 1) != one);

  auto first = task.make(3, task.default_horizon(), 11), second = task.make(3, task.default_horizon(), 12);
  second.reset(11);
  for (int j = 0; j < 3 * task.observation_size(); ++j) CHECK(first.observations()[j] == second.observations()[j]);
  CHECK(first.count() == 3);
  CHECK(first.horizon() == task.default_horizon());
}

/// The laws of `Environment`.
template <tessera::Environment E>
void hold_for_environment() {
  hold_for_task(tessera::TaskOf<E>{});
}
}  // namespace laws
