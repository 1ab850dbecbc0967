#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/behaviors.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/sources/log_episodes.hpp>
#include <tessera/sources/maze_demos.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera {
TESSERA_INLINE const std::vector<Builtin>& builtin_table() {
  using Torque = Behavior<Pendulum>;
  using Push = Behavior<CartPole>;
  static const std::vector<Builtin> table = {
      {"pendulum-random",
       [](std::uint64_t seed) {
         return log_episodes<Pendulum>(500, 200, seed, std::array<Torque, 1>{behaviors::random_torque});
       },
       Pendulum::action_low, Pendulum::action_high},
      {"pendulum-medium",
       [](std::uint64_t seed) {
         return log_episodes<Pendulum>(500, 200, seed, std::array<Torque, 1>{behaviors::medium_torque});
       },
       Pendulum::action_low, Pendulum::action_high},
      {"pendulum-mixed",
       [](std::uint64_t seed) {
         return log_episodes<Pendulum>(
             500, 200, seed,
             std::array<Torque, 3>{behaviors::random_torque, behaviors::medium_torque, behaviors::good_torque});
       },
       Pendulum::action_low, Pendulum::action_high},
      {"pendulum-narrow",
       [](std::uint64_t seed) {
         const Region<Pendulum> half{
             [](Pendulum& env, std::size_t i, Random& random) {
               do {
                 env.place(i, random.uniform(-std::numbers::pi, std::numbers::pi), random.uniform(-8, 8));
               } while (!behaviors::in_the_slow_half(env.observations() + i * Pendulum::observation_size));
             },
             behaviors::in_the_slow_half};
         return log_episodes<Pendulum>(50, 200, seed, std::array<Torque, 1>{behaviors::good_torque}, half);
       },
       Pendulum::action_low, Pendulum::action_high},
      {"cartpole-mixed",
       [](std::uint64_t seed) {
         return log_episodes<CartPole>(
             1500, 200, seed,
             std::array<Push, 3>{behaviors::random_push, behaviors::poor_push, behaviors::decent_push});
       }},
      {"maze-umaze-demos", [](std::uint64_t seed) { return maze_demos<mazes::Umaze>(300, 1'000, seed); }, -1, 1},
      {"maze-medium-demos", [](std::uint64_t seed) { return maze_demos<mazes::Medium>(300, 2'000, seed); }, -1, 1},
      {"maze-large-demos", [](std::uint64_t seed) { return maze_demos<mazes::Large>(300, 3'000, seed); }, -1, 1},
  };
  return table;
}

TESSERA_INLINE std::vector<std::string> builtin_datasets() {
  std::vector<std::string> names;
  for (const auto& entry : builtin_table()) names.emplace_back(entry.name);
  return names;
}

TESSERA_INLINE Dataset builtin_dataset(const std::string& name, std::uint64_t seed) {
  std::string known;
  for (const auto& entry : builtin_table()) {
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
    if (name != entry.name) continue;
    FlatRows rows = entry.make(seed);
    rows.name = "builtin:" + name + (seed == 0 ? "" : "?seed=" + std::to_string(seed));
    Dataset data = assemble(std::move(rows));
    if (data.kind == action_kind::continuous) {
      data.action_low.assign(std::size_t(data.action_size), entry.action_low);
      data.action_high.assign(std::size_t(data.action_size), entry.action_high);
      data.limits_from = limits_origin::file;
    }
    return data;
  }
  const auto meant = nearest_name(name, builtin_datasets());
  throw Error("builtin:" + name + ": there is no built-in data set of this name" +
              (meant.empty() ? "" : "; did you mean '" + meant + "'?") + "; known are " + known);
}
}  // namespace tessera
