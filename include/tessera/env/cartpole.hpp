#pragma once
#include <array>
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
/// Balance a pole on a cart by pushing left (0) or right (1): Gymnasium's CartPole-v1, after Barto, Sutton
/// and Anderson (1983).  Observation (position m, speed m/s, angle rad, angular speed rad/s).  Reward 1 for
/// each step, the failing one too.  Ends when |position| > 2.4 m or |angle| > 12 degrees; a copy that has
/// ended stays where it is, with reward 0 and its end mark set, until `reset`.  Starts uniform in
/// [-0.05, 0.05]^4.
class CartPole {
 public:
  using space = Discrete;
  using action_type = std::int64_t;
  static constexpr const char* name = "cartpole";
  static constexpr std::int64_t observation_size = 4;
  static constexpr std::int64_t action_size = 2;
  static constexpr int default_horizon = 500;

  explicit CartPole(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0)
      : horizon_(horizon) {
    if (count < 1 || horizon < 1)
      throw Error("cartpole: " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                  "; both must be at least 1");
    states_.resize(static_cast<std::size_t>(count));
    observations_.resize(states_.size() * observation_size);
    reset(seed);
  }

  std::int64_t count() const { return static_cast<std::int64_t>(states_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }

  /// Starts every copy anew; copy i from a state drawn with (seed, i).
  void reset(std::uint64_t seed) {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      Random random(seed, i);
      std::array<double, 4> state{};
      for (double& value : state) value = random.uniform(-0.05, 0.05);
      place(i, state);
    }
  }

  /// Puts copy i into a state (position, speed, angle, angular speed).
  void place(std::size_t i, const std::array<double, 4>& state) {
    states_[i] = state;
    for (std::size_t j = 0; j < state.size(); ++j)
      observations_[i * observation_size + j] = static_cast<float>(state[j]);
  }

  /// Puts copy i into the state that an observation shows.
  void show(std::size_t i, const float* observation) { place(i, {observation[0], observation[1], observation[2], observation[3]}); }

  /// One Euler step of 0.02 s: (count) actions in {0, 1} in, (count) rewards and end marks out.
  void step(const std::int64_t* actions, float* rewards, std::uint8_t* terminated) {
    constexpr double gravity = 9.8, cart = 1, pole = 0.1, half_length = 0.5, push = 10, dt = 0.02;
    constexpr double total = cart + pole, moment = pole * half_length;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      const auto [x, speed, angle, spin] = states_[i];
      const bool over = ended(states_[i]);
      rewards[i] = over ? 0.f : 1.f;
      terminated[i] = over;
      if (over) continue;
      if (actions[i] != 0 && actions[i] != 1)
        throw Error("cartpole: copy " + std::to_string(i) + " was given action " +
                    std::to_string(actions[i]) + "; actions are 0 and 1");
      const double sine = std::sin(angle), cosine = std::cos(angle);
      const double pressed = ((actions[i] == 1 ? push : -push) + moment * spin * spin * sine) / total;
      const double turning =
          (gravity * sine - cosine * pressed) / (half_length * (4.0 / 3.0 - pole * cosine * cosine / total));
      const double acceleration = pressed - moment * turning * cosine / total;
      place(i, {x + dt * speed, speed + dt * acceleration, angle + dt * spin, spin + dt * turning});
      terminated[i] = ended(states_[i]);
    }
  }

 private:
  static bool ended(const std::array<double, 4>& state) {
    return std::abs(state[0]) > 2.4 || std::abs(state[2]) > 12 * std::numbers::pi / 180;
  }

  int horizon_;
  std::vector<std::array<double, 4>> states_;
  std::vector<float> observations_;
};

static_assert(Environment<CartPole>);
}  // namespace tessera
