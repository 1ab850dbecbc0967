#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>

namespace tessera {
/// Balance a pole on a cart by pushing left (0) or right (1): Gymnasium's CartPole-v1, after Barto, Sutton
/// and Anderson (1983).  Observation (position m, speed m/s, angle rad, angular speed rad/s).  Reward 1 for each step,
/// including the one that fails.  Terminates when |position| > 2.4 m or |angle| > 12 degrees; a copy that has
/// terminated stays where it is, with reward 0 and its terminal flag set, until `reset`.  Initial states are uniform in
/// [-0.05, 0.05]^4.
class CartPole {
 public:
  using space = Discrete;
  using action_type = std::int64_t;
  static constexpr const char* name = "cartpole";
  static constexpr std::int64_t observation_size = 4;
  static constexpr std::int64_t action_size = 2;
  static constexpr int default_horizon = 500;

  explicit CartPole(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0);

  std::int64_t count() const { return static_cast<std::int64_t>(states_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }

  /// Resets every copy; the initial state of copy i is drawn with (seed, i).
  void reset(std::uint64_t seed);

  /// Puts copy i into a state (position, speed, angle, angular speed).
  void place(std::size_t i, const std::array<double, 4>& state);

  /// Puts copy i into the state that an observation describes.
  void show(std::size_t i, const float* observation) {
    place(i, {observation[0], observation[1], observation[2], observation[3]});
  }

  /// One Euler step of 0.02 s: takes (count) actions in {0, 1}, writes (count) rewards and terminal flags.
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated);

 private:
  static bool ended(const std::array<double, 4>& state);

  int horizon_;
  std::vector<std::array<double, 4>> states_;
  std::vector<float> observations_;
};

static_assert(Environment<CartPole>);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/cartpole.impl.hpp>
#endif
