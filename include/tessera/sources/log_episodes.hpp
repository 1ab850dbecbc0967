#pragma once
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/support/random.hpp>

namespace tessera {
/// A behavior policy: the action for one observation, with noise from the given generator.
template <class E>
using Behavior = typename E::action_type (*)(const float* observation, Random& random);

/// The part of the state space that is logged.
template <class E>
struct Region {
  void (*start)(E& env, std::size_t i, Random& random) = nullptr;  ///< puts copy i into an initial state inside
  bool (*inside)(const float* observation) = nullptr;              ///< the step that leaves it cuts the episode
};

/// Logs `count` episodes of at most `horizon` steps in environment E.  Episode i follows `behaviors[i mod their
/// number]`; it starts from (seed, i) and has its own noise stream, so it does not depend on `count`.  The true next
/// observation of every step is kept: with a region, only the last one may lie outside.
template <Environment E, std::size_t N>
FlatRows log_episodes(std::int64_t count, int horizon, std::uint64_t seed, const std::array<Behavior<E>, N>& behaviors,
                      const Region<E>& region = {}) {
  constexpr std::uint64_t noise_streams = std::uint64_t{1} << 40;  // distinct from those of the initial states
  constexpr auto width = static_cast<std::size_t>(E::observation_size);
  const auto copies = static_cast<std::size_t>(count), steps = static_cast<std::size_t>(horizon);
  E env(count, horizon, seed);
  for (std::size_t i = 0; region.start != nullptr && i < copies; ++i) {
    Random random(seed, i);
    region.start(env, i, random);
  }
  std::vector<Random> noise;
  for (std::size_t i = 0; i < copies; ++i) noise.emplace_back(seed, noise_streams + i);

  // All copies are stepped together, so the rows are first laid out as (episode, step); each episode then keeps its own
  // length.
  std::vector<std::size_t> length(copies, steps);
  std::vector<float> seen(copies * (steps + 1) * width), rewards(copies * steps), step_rewards(copies);
  std::vector<typename E::action_type> actions(copies * steps), step_actions(copies);
  std::vector<std::uint8_t> ended(copies), terminal(copies), over(copies);
  const auto keep = [&](std::size_t i, std::size_t t) {
    std::copy_n(env.observations() + i * width, width, seen.begin() + std::ptrdiff_t((i * (steps + 1) + t) * width));
  };
  for (std::size_t i = 0; i < copies; ++i) keep(i, 0);
  std::size_t going_on = copies;
  for (std::size_t t = 0; t < steps && going_on > 0; ++t) {
    for (std::size_t i = 0; i < copies; ++i)
      step_actions[i] = behaviors[i % N](env.observations() + i * width, noise[i]);
    env.step(step_actions.data(), step_rewards.data(), ended.data());
    for (std::size_t i = 0; i < copies; ++i) {
      keep(i, t + 1);
      actions[i * steps + t] = step_actions[i];
      rewards[i * steps + t] = step_rewards[i];
      const bool left = region.inside != nullptr && !region.inside(env.observations() + i * width);
      if (over[i] != 0 || (ended[i] == 0 && !left)) continue;
      over[i] = 1;
      --going_on;
      terminal[i] = ended[i];
      length[i] = t + 1;
    }
  }

  FlatRows rows;
  rows.format = "builtin";
  rows.observation_size = E::observation_size;
  rows.action_size = E::action_size;
  for (std::size_t i = 0; i < copies; ++i) {
    for (std::size_t t = 0; t < length[i]; ++t) {
      const auto at = seen.begin() + std::ptrdiff_t((i * (steps + 1) + t) * width);
      rows.observations.insert(rows.observations.end(), at, at + width);
      rows.next_observations.insert(rows.next_observations.end(), at + width, at + 2 * width);
      if constexpr (std::same_as<typename E::space, Discrete>) rows.action_indices.push_back(actions[i * steps + t]);
      else rows.actions.push_back(actions[i * steps + t]);
      rows.rewards.push_back(rewards[i * steps + t]);
      rows.terminals.push_back(0);
      rows.timeouts.push_back(0);
    }
    (terminal[i] != 0 ? rows.terminals : rows.timeouts).back() = 1;
  }
  if constexpr (std::same_as<typename E::space, Discrete>) rows.kind = action_kind::discrete;
  return rows;
}
}  // namespace tessera
