#pragma once
// What a program has logged, in plain arrays: an operator at the valve of the tank.
#include <cstdint>
#include <vector>

#include "tank.hpp"

/// One row per step, episodes one after another, matrices row by row.
struct TankLog {
  std::vector<float> seen, seen_next;  ///< (rows, 3) before and after the step
  std::vector<float> valve, reward;    ///< (rows)
  std::vector<std::uint8_t> ended;     ///< (rows) 1: the task was over with this step, and nothing follows
  std::vector<std::uint8_t> cut;       ///< (rows) 1: the recording stopped after this step; more would have followed
};

/// Episodes of at most 100 steps.  The operator turns the valve roughly toward the set point, but only between 0.05 and
/// 0.8; in one episode out of five he falls asleep, the valve stays where it is, and the tank may overflow or run dry.
inline TankLog operators_log(std::uint64_t episodes = 400) {
  TankLog log;
  for (std::uint64_t e = 0; e < episodes; ++e) {
    Tank tank(1, 100, e);
    tessera::Random random(e, 1);
    const bool asleep = random.below(5) == 0;
    const float stuck = e % 2 == 0 ? 0.05f : 0.8f;
    for (int t = 0; t < tank.horizon(); ++t) {
      const float* x = tank.observations();
      const float valve =
          asleep ? stuck : float(std::clamp(0.4 + 0.2 * double(x[1] - x[0]) + 0.2 * random.normal(), 0.05, 0.8));
      float reward = 0;
      std::uint8_t over = 0;
      log.seen.insert(log.seen.end(), x, x + Tank::observation_size);
      tank.step(&valve, &reward, &over);
      log.seen_next.insert(log.seen_next.end(), x, x + Tank::observation_size);
      log.valve.push_back(valve), log.reward.push_back(reward), log.ended.push_back(over);
      log.cut.push_back(over == 0 && t + 1 == tank.horizon());
      if (over != 0) break;
    }
  }
  return log;
}
