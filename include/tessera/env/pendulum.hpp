#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>

namespace tessera {
/// Swing up a pendulum and hold it there with a weak motor: Gymnasium's Pendulum-v1.
/// Observation (cos angle, sin angle, speed in rad/s), angle 0 upright; action: torque in N m, clipped to
/// [-2, 2].  Reward: minus angle^2 + 0.1 speed^2 + 0.001 torque^2 of the state BEFORE the step.  No state is terminal.
/// Initial states are uniform in [-pi, pi] x [-1, 1].
class Pendulum {
 public:
  using space = Continuous;
  using action_type = float;
  static constexpr const char* name = "pendulum";
  static constexpr std::int64_t observation_size = 3;
  static constexpr std::int64_t action_size = 1;
  static constexpr int default_horizon = 200;
  static constexpr float action_low = -2, action_high = 2;

  explicit Pendulum(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0);

  std::int64_t count() const { return static_cast<std::int64_t>(angles_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }

  /// Resets every copy; the initial state of copy i is drawn with (seed, i).
  void reset(std::uint64_t seed);

  /// Puts copy i into a state: angle in rad, speed in rad/s.
  void place(std::size_t i, double angle, double speed);

  /// Puts copy i into the state that an observation describes.
  void show(std::size_t i, const float* observation);

  /// One step of 0.05 s: takes (count) torques, writes (count) rewards and terminal flags (all 0).
  void step(const float* actions, float* rewards, std::uint8_t* terminated);

 private:
  static double wrapped(double angle);

  int horizon_;
  std::vector<double> angles_, speeds_;
  std::vector<float> observations_;
};

static_assert(Environment<Pendulum>);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/pendulum.impl.hpp>
#endif
