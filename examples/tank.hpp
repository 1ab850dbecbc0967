#pragma once
// A task of your own: examples 06 to 08 log it, learn it, and act in it.  It models tessera::Environment, and needs
// nothing else from the library.
#include <algorithm>
#include <cmath>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/support/random.hpp>

/// A tank of 2 m, whose level is to be held at a set point by the inflow valve while the outflow varies.
/// Observation (level in m, set point in m, outflow in 0..1); action: valve, 0 closed to 1 open.  Reward: minus the
/// distance from the set point in m, and -20 more if the tank overflows or runs dry, which terminates the episode.  A
/// time limit of 100 steps of 1 s truncates it.
class Tank {
 public:
  using space = tessera::Continuous;
  using action_type = float;
  static constexpr const char* name = "tank";
  static constexpr std::int64_t observation_size = 3, action_size = 1;
  static constexpr int default_horizon = 100;
  static constexpr float valve_low = 0, valve_high = 1;

  explicit Tank(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0)
      : horizon_(horizon), seen_(std::size_t(3 * count)) {
    reset(seed);
  }
  std::int64_t count() const { return std::int64_t(seen_.size()) / 3; }
  int horizon() const { return horizon_; }
  const float* observations() const { return seen_.data(); }

  /// Copy i is initialized and disturbed by (seed, i) alone, so that it is the same however many there are.
  void reset(std::uint64_t seed) {
    noise_.clear();
    for (std::int64_t i = 0; i < count(); ++i) {
      auto& random = noise_.emplace_back(seed, std::uint64_t(i));
      float* const x = seen_.data() + 3 * i;
      x[0] = float(random.uniform(0.3, 1.7)), x[1] = float(random.uniform(0.5, 1.5)),
      x[2] = float(random.uniform(0.3, 0.9));
    }
  }
  /// Steps every copy.  A copy that has terminated is stepped as well: the caller knows which ones have.
  void step(const float* valves, float* rewards, std::uint8_t* terminated) {
    for (std::size_t i = 0; i < noise_.size(); ++i) {
      float* const x = seen_.data() + 3 * i;
      const float valve = std::clamp(valves[i], valve_low, valve_high);
      x[0] = std::clamp(x[0] + 0.2f * valve - 0.1f * x[2] * std::sqrt(x[0]), 0.0f, 2.0f);
      x[2] = std::clamp(x[2] + 0.02f * float(noise_[i].normal()), 0.2f, 1.0f);
      terminated[i] = x[0] < 0.05f || x[0] >= 2;
      rewards[i] = -std::abs(x[0] - x[1]) - (terminated[i] != 0 ? 20.0f : 0.0f);
    }
  }

 private:
  int horizon_;
  std::vector<float> seen_;
  std::vector<tessera::Random> noise_;
};
static_assert(tessera::Environment<Tank>);
