#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/concepts/environment.hpp>

#include "laws/verdict.hpp"

namespace laws {
/// Of how many numbers an action of a simulation consists.
template <tessera::Task T, class Env>
std::size_t numbers_of_an_action(const T& task, const Env&) {
  return std::is_floating_point_v<typename Env::action_type> ? static_cast<std::size_t>(task.action_size()) : 1;
}

/// What `count` copies of a task go through in 30 steps: all observations, then all rewards, of copy `copy`.
template <tessera::Task T>
std::vector<float> trajectory(const T& task, std::int64_t count, std::uint64_t seed, std::int64_t copy, int horizon) {
  auto env = task.make(count, horizon, seed);
  using action_type = typename decltype(env)::action_type;
  const auto copies = static_cast<std::size_t>(count), numbers = numbers_of_an_action(task, env);
  std::vector<action_type> actions(copies * numbers);
  std::vector<float> rewards(copies), seen;
  std::vector<std::uint8_t> terminated(copies);
  for (int t = 0; t < 30; ++t) {
    for (std::size_t i = 0; i < actions.size(); ++i)
      actions[i] = static_cast<action_type>((i / numbers + i % numbers + std::size_t(t)) % 2);
    const float* row = env.observations() + copy * task.observation_size();
    seen.insert(seen.end(), row, row + task.observation_size());
    env.step(actions.data(), rewards.data(), terminated.data());
    seen.push_back(rewards[static_cast<std::size_t>(copy)]);
    seen.push_back(terminated[static_cast<std::size_t>(copy)]);
  }
  return seen;
}

/// Whether copies that have ended are where copies do not begin: outside of the box of first observations.  True where
/// none ends.
template <tessera::Task T>
bool ends_stay(const T& task) {
  constexpr std::size_t copies = 200;
  auto env = task.make(copies, task.default_horizon(), 5);
  using action_type = typename decltype(env)::action_type;
  const auto n = static_cast<std::size_t>(task.observation_size());
  std::vector<float> low(env.observations(), env.observations() + n), high = low;
  for (std::size_t i = 0; i < copies * n; ++i) {
    low[i % n] = std::min(low[i % n], env.observations()[i]);
    high[i % n] = std::max(high[i % n], env.observations()[i]);
  }
  const auto numbers = numbers_of_an_action(task, env);
  std::vector<action_type> actions(copies * numbers);
  std::vector<float> rewards(copies);
  std::vector<std::uint8_t> terminated(copies), over(copies, 0);
  for (int t = 0; t < 100; ++t) {
    for (std::size_t i = 0; i < actions.size(); ++i) actions[i] = static_cast<action_type>(i / numbers % 2);
    env.step(actions.data(), rewards.data(), terminated.data());
    for (std::size_t i = 0; i < copies; ++i) {
      if (!terminated[i] || over[i]) continue;
      over[i] = 1;
      bool outside = false;
      for (std::size_t j = 0; j < n; ++j) {
        const float x = env.observations()[i * n + j];
        outside = outside || x < low[j] || x > high[j];
      }
      if (!outside) return false;
    }
  }
  return true;
}

/// The laws of `Task` and of the `Simulation` it makes.
template <tessera::Task T>
verdict hold_for_task(const T& task) {
  verdict v;
  const auto of = [&](std::int64_t count, std::uint64_t seed, std::int64_t copy) {
    return trajectory(task, count, seed, copy, task.default_horizon());
  };
  const auto one = of(5, 7, 3);
  v.expect(of(5, 7, 3) == one, "equal seeds and actions give equal trajectories");
  v.expect(of(64, 7, 3) == one, "a copy does not depend on how many there are");
  v.expect(of(5, 8, 3) != one, "another seed gives another trajectory");
  v.expect(of(5, 7, 1) != one, "another copy has another trajectory");
  v.expect(trajectory(task, 5, 7, 3, 4) == one, "a step does not cut at the horizon");
  v.expect(ends_stay(task), "a step does not reset a copy that has ended");

  auto first = task.make(3, task.default_horizon(), 11), second = task.make(3, task.default_horizon(), 12);
  second.reset(11);
  v.expect(std::equal(first.observations(), first.observations() + 3 * task.observation_size(), second.observations()),
           "a reset starts as if made with the seed");
  v.expect(first.count() == 3 && first.horizon() == task.default_horizon(), "count and horizon are what was asked for");
  return v;
}

/// The laws of `Environment`.
template <tessera::Environment E>
verdict hold_for_environment() {
  return hold_for_task(tessera::TaskOf<E>{});
}
}  // namespace laws
