#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

#include <tessera/env/pendulum.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Pendulum::Pendulum(std::int64_t count, int horizon, std::uint64_t seed) : horizon_(horizon) {
  if (count < 1 || horizon < 1)
    throw Error("pendulum: " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                "; both must be at least 1");
  angles_.resize(static_cast<std::size_t>(count));
  speeds_.resize(angles_.size());
  observations_.resize(angles_.size() * observation_size);
  reset(seed);
}

TESSERA_INLINE void Pendulum::reset(std::uint64_t seed) {
  for (std::size_t i = 0; i < angles_.size(); ++i) {
    Random random(seed, i);
    const double angle = random.uniform(-std::numbers::pi, std::numbers::pi);
    place(i, angle, random.uniform(-1, 1));
  }
}

TESSERA_INLINE void Pendulum::place(std::size_t i, double angle, double speed) {
  angles_[i] = angle;
  speeds_[i] = speed;
  float* const row = observations_.data() + i * observation_size;
  row[0] = static_cast<float>(std::cos(angle));
  row[1] = static_cast<float>(std::sin(angle));
  row[2] = static_cast<float>(speed);
}

TESSERA_INLINE void Pendulum::show(std::size_t i, const float* observation) {
  place(i, std::atan2(double(observation[1]), double(observation[0])), observation[2]);
}
TESSERA_INLINE void Pendulum::step(const float* actions, float* rewards, std::uint8_t* terminated) {
  constexpr double dt = 0.05, gravity = 10, mass = 1, length = 1, fastest = 8;
  for (std::size_t i = 0; i < angles_.size(); ++i) {
    const double torque = std::clamp<double>(actions[i], action_low, action_high);
    const double angle = wrapped(angles_[i]);
    rewards[i] = static_cast<float>(-(angle * angle + 0.1 * speeds_[i] * speeds_[i] + 0.001 * torque * torque));
    terminated[i] = 0;
    const double acceleration =
        3 * gravity / (2 * length) * std::sin(angles_[i]) + 3 / (mass * length * length) * torque;
    const double speed = std::clamp(speeds_[i] + acceleration * dt, -fastest, fastest);
    place(i, angles_[i] + speed * dt, speed);
  }
}

TESSERA_INLINE double Pendulum::wrapped(double angle) {
  constexpr double turn = 2 * std::numbers::pi;
  return angle - turn * std::floor((angle + std::numbers::pi) / turn);
}
}  // namespace tessera
