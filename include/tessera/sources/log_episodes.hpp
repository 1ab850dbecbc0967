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
/// A behavior policy: the action, one number, for one observation, noise from the given generator.
template <class E>
using Behavior = typename E::action_type (*)(const float* observation, Random& random);

/// The part of the state space that is logged.
template <class E>
struct Region {
  void (*start)(E& env, std::size_t i, Random& random) = nullptr;  ///< puts copy i into an initial state inside
  bool (*inside)(const float* observation) = nullptr;              ///< the step that leaves it cuts the episode
};

namespace detail {
/// Logs one episode of at most `horizon` steps in each copy of a simulation, from the state that it is in.
/// `act(i, observation, action)` writes copy i's action; `goes_on(i, observation)` is asked after each step, and an
/// episode of which it says no is cut there.
template <Environment E, class Act, class GoesOn>
FlatRows log_copies(E& env, int horizon, Act act, GoesOn goes_on) {
  constexpr bool discrete = std::same_as<typename E::space, Discrete>;
  constexpr auto width = static_cast<std::size_t>(E::observation_size);
  constexpr auto numbers = discrete ? std::size_t{1} : static_cast<std::size_t>(E::action_size);  // in an action
  const auto copies = static_cast<std::size_t>(env.count()), steps = static_cast<std::size_t>(horizon);

  // All copies are stepped together, so the rows are first laid out as (episode, step); each episode then keeps its own
  // length.
  std::vector<std::size_t> length(copies, steps);
  std::vector<float> seen(copies * (steps + 1) * width), rewards(copies * steps), step_rewards(copies);
  std::vector<typename E::action_type> actions(copies * steps * numbers), step_actions(copies * numbers);
  std::vector<std::uint8_t> ended(copies), terminal(copies), over(copies);
  const auto keep = [&](std::size_t i, std::size_t t) {
    std::copy_n(env.observations() + i * width, width, seen.begin() + std::ptrdiff_t((i * (steps + 1) + t) * width));
  };
  for (std::size_t i = 0; i < copies; ++i) keep(i, 0);
  std::size_t going_on = copies;
  for (std::size_t t = 0; t < steps && going_on > 0; ++t) {
    for (std::size_t i = 0; i < copies; ++i) act(i, env.observations() + i * width, step_actions.data() + i * numbers);
    env.step(step_actions.data(), step_rewards.data(), ended.data());
    for (std::size_t i = 0; i < copies; ++i) {
      keep(i, t + 1);
      std::copy_n(step_actions.begin() + std::ptrdiff_t(i * numbers), numbers,
                  actions.begin() + std::ptrdiff_t((i * steps + t) * numbers));
      rewards[i * steps + t] = step_rewards[i];
      if (over[i] != 0 || (ended[i] == 0 && goes_on(i, env.observations() + i * width))) continue;
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
      const auto action = actions.begin() + std::ptrdiff_t((i * steps + t) * numbers);
      if constexpr (discrete) rows.action_indices.push_back(*action);
      else rows.actions.insert(rows.actions.end(), action, action + numbers);
      rows.rewards.push_back(rewards[i * steps + t]);
      rows.terminals.push_back(0);
      rows.timeouts.push_back(0);
    }
    (terminal[i] != 0 ? rows.terminals : rows.timeouts).back() = 1;
  }
  if constexpr (discrete) rows.kind = action_kind::discrete;
  return rows;
}
/// The noise of episode i has stream `noise_streams` + i, apart from those of the starts.
inline constexpr std::uint64_t noise_streams = std::uint64_t{1} << 40;
inline std::vector<Random> noise_of(std::int64_t count, std::uint64_t seed) {
  std::vector<Random> noise;
  for (std::int64_t i = 0; i < count; ++i) noise.emplace_back(seed, noise_streams + std::uint64_t(i));
  return noise;
}
}  // namespace detail

/// Logs `count` episodes of at most `horizon` steps in environment E.  Episode i follows `behaviors[i mod
/// their number]`; it starts from (seed, i) and has its own noise stream, so it does not depend on `count`.
/// The true next observation of every step is kept: with a region, the last may lie outside, no other does.
template <Environment E, std::size_t N>
FlatRows log_episodes(std::int64_t count, int horizon, std::uint64_t seed, const std::array<Behavior<E>, N>& behaviors,
                      const Region<E>& region = {}) {
  E env(count, horizon, seed);
  for (std::size_t i = 0; region.start != nullptr && i < static_cast<std::size_t>(count); ++i) {
    Random random(seed, i);
    region.start(env, i, random);
  }
  auto noise = detail::noise_of(count, seed);
  return detail::log_copies(
      env, horizon,
      [&](std::size_t i, const float* seen, typename E::action_type* action) {
        *action = behaviors[i % N](seen, noise[i]);
      },
      [&](std::size_t, const float* seen) { return region.inside == nullptr || region.inside(seen); });
}
}  // namespace tessera
