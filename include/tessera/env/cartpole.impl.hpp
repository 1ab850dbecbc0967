#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

#include <tessera/env/cartpole.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE CartPole::CartPole(std::int64_t count, int horizon, std::uint64_t seed) : horizon_(horizon) {
  if (count < 1 || horizon < 1)
    throw Error("cartpole: " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                "; both must be at least 1");
  states_.resize(static_cast<std::size_t>(count));
  observations_.resize(states_.size() * observation_size);
  reset(seed);
}

TESSERA_INLINE void CartPole::reset(std::uint64_t seed) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    Random random(seed, i);
    std::array<double, 4> state{};
    for (double& value : state) value = random.uniform(-0.05, 0.05);
    place(i, state);
  }
}

TESSERA_INLINE void CartPole::place(std::size_t i, const std::array<double, 4>& state) {
  states_[i] = state;
  for (std::size_t j = 0; j < state.size(); ++j) observations_[i * observation_size + j] = static_cast<float>(state[j]);
}

TESSERA_INLINE void CartPole::step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated) {
  constexpr double gravity = 9.8, cart = 1, pole = 0.1, half_length = 0.5, push = 10, dt = 0.02;
  constexpr double total = cart + pole, moment = pole * half_length;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto [x, speed, angle, spin] = states_[i];
    const bool over = ended(states_[i]);
    rewards[i] = over ? 0.f : 1.f;
    terminated[i] = over;
    if (over) continue;
    if (actions[i] != 0 && actions[i] != 1)
      throw Error("cartpole: copy " + std::to_string(i) + " was given action " + std::to_string(actions[i]) +
                  "; actions are 0 and 1");
    const double sine = std::sin(angle), cosine = std::cos(angle);
    const double pressed = ((actions[i] == 1 ? push : -push) + moment * spin * spin * sine) / total;
    const double turning =
        (gravity * sine - cosine * pressed) / (half_length * (4.0 / 3.0 - pole * cosine * cosine / total));
    const double acceleration = pressed - moment * turning * cosine / total;
    place(i, {x + dt * speed, speed + dt * acceleration, angle + dt * spin, spin + dt * turning});
    terminated[i] = ended(states_[i]);
  }
}

TESSERA_INLINE bool CartPole::ended(const std::array<double, 4>& state) {
  return std::abs(state[0]) > 2.4 || std::abs(state[2]) > 12 * std::numbers::pi / 180;
}
}  // namespace tessera
