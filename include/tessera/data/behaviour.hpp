#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include <tessera/env/random.hpp>

/// The policies that log the built-in data sets: plain controllers, none of them learnt.
namespace tessera::behaviour {
/// Uniform torque.
inline float random_torque(const float*, Random& random) { return static_cast<float>(random.uniform(-2, 2)); }

/// Torque of an energy pump with a linear catch at the top, on an observation (cos, sin, speed) of
/// `Pendulum`.  `energy` is zero at rest upright and falls to -30 at rest below; pushing along the motion
/// raises it.  `pump` is the torque per missing energy, `reach` the cosine above which the catch takes
/// over, `noise` the standard deviation added to the torque before it is clipped.
inline float swing_up(const float* seen, Random& random, double pump, double reach, double noise) {
  const double cosine = seen[0], sine = seen[1], speed = seen[2];
  const double energy = 0.5 * speed * speed + 15 * (cosine - 1);
  const double direction = speed < 0 ? -1 : 1;
  double torque = -pump * energy * direction;
  if (cosine > reach) torque = -(10 * sine + 2 * speed);
  return static_cast<float>(std::clamp(std::clamp(torque, -2.0, 2.0) + noise * random.normal(), -2.0, 2.0));
}
inline float medium_torque(const float* seen, Random& random) {
  return swing_up(seen, random, 0.12, 0.985, 1.2);
}
inline float good_torque(const float* seen, Random& random) { return swing_up(seen, random, 0.5, 0.85, 0.3); }

/// The slow half of the `Pendulum`'s states, from which it does not coast over the top: at most half a unit more energy than at rest upright.
inline bool in_the_slow_half(const float* seen) { return 0.5 * double(seen[2]) * double(seen[2]) + 15 * (double(seen[0]) - 1) <= 0.5; }

/// Either push with equal chance.
inline std::int64_t random_push(const float*, Random& random) {
  return static_cast<std::int64_t>(random.below(2));
}

/// Pushes to the side of a weighted sum of a `CartPole` observation, and at random in a share of the steps.
inline std::int64_t balance(const float* seen, Random& random, double position, double spin, double share) {
  if (random.uniform() < share) return random_push(seen, random);
  return position * (seen[0] + seen[1]) + seen[2] + spin * seen[3] > 0;
}
inline std::int64_t poor_push(const float* seen, Random& random) { return balance(seen, random, 0, 0, 0.2); }
inline std::int64_t decent_push(const float* seen, Random& random) {
  return balance(seen, random, 0.1, 0.3, 0.4);
}
}  // namespace tessera::behaviour
