#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/data/error.hpp>
#include <tessera/env/random.hpp>

namespace tessera {
/// Swing up a pendulum and hold it there with a weak motor: Gymnasium's Pendulum-v1.
/// Observation (cos angle, sin angle, speed in rad/s), angle 0 upright; action: torque in N m, clipped to
/// [-2, 2].  Reward: minus angle^2 + 0.1 speed^2 + 0.001 torque^2 of the state BEFORE the step.  The state
/// never ends an episode.  Starts uniform in [-pi, pi] x [-1, 1].
class Pendulum {
 public:
  using space = Continuous;
  using action_type = float;
  static constexpr const char* name = "pendulum";
  static constexpr std::int64_t observation_size = 3;
  static constexpr std::int64_t action_size = 1;
  static constexpr int default_horizon = 200;
  static constexpr float action_low = -2, action_high = 2;

  explicit Pendulum(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0)
      : horizon_(horizon) {
    if (count < 1 || horizon < 1)
      throw Error("pendulum: " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                  "; both must be at least 1");
    angles_.resize(static_cast<std::size_t>(count));
    speeds_.resize(angles_.size());
    observations_.resize(angles_.size() * observation_size);
    reset(seed);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(angles_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }

  /// Starts every copy anew; copy i from a state drawn with (seed, i).
  void reset(std::uint64_t seed) {
    for (std::size_t i = 0; i < angles_.size(); ++i) {
      Random random(seed, i);
      const double angle = random.uniform(-std::numbers::pi, std::numbers::pi);
      place(i, angle, random.uniform(-1, 1));
    }
  }

  /// Puts copy i into a state: angle in rad, speed in rad/s.
  void place(std::size_t i, double angle, double speed) {
    angles_[i] = angle;
    speeds_[i] = speed;
    float* const row = observations_.data() + i * observation_size;
    row[0] = static_cast<float>(std::cos(angle));
    row[1] = static_cast<float>(std::sin(angle));
    row[2] = static_cast<float>(speed);
  }

  /// Puts copy i into the state that an observation shows.
  void show(std::size_t i, const float* observation) {
    place(i, std::atan2(double(observation[1]), double(observation[0])), observation[2]);
  }

  /// One step of 0.05 s: (count) torques in, (count) rewards and end marks (all 0) out.
  void step(const float* actions, float* rewards, std::uint8_t* terminated) {
    constexpr double dt = 0.05, gravity = 10, mass = 1, length = 1, fastest = 8;
    for (std::size_t i = 0; i < angles_.size(); ++i) {
      const double torque = std::clamp<double>(actions[i], action_low, action_high);
      const double angle = wrapped(angles_[i]);
      rewards[i] =
          static_cast<float>(-(angle * angle + 0.1 * speeds_[i] * speeds_[i] + 0.001 * torque * torque));
      terminated[i] = 0;
      const double acceleration =
          3 * gravity / (2 * length) * std::sin(angles_[i]) + 3 / (mass * length * length) * torque;
      const double speed = std::clamp(speeds_[i] + acceleration * dt, -fastest, fastest);
      place(i, angles_[i] + speed * dt, speed);
    }
  }

 private:
  static double wrapped(double angle) {
    constexpr double turn = 2 * std::numbers::pi;
    return angle - turn * std::floor((angle + std::numbers::pi) / turn);
  }

  int horizon_;
  std::vector<double> angles_, speeds_;
  std::vector<float> observations_;
};

static_assert(Environment<Pendulum>);
}  // namespace tessera
