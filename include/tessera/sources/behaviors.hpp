#pragma once
#include <cstdint>

#include <tessera/support/random.hpp>

/// The behavior policies of the built-in data sets: simple controllers, none of them learned.
namespace tessera::behaviors {
/// Uniform torque.
inline float random_torque(const float*, Random& random) { return static_cast<float>(random.uniform(-2, 2)); }

/// A swing-up torque: an energy pump with a linear controller at the top, from an observation (cos, sin, speed) of
/// `Pendulum`.  `energy` is zero at rest upright and falls to -30 at rest hanging down; pushing along the motion raises
/// it.  `pump` is the torque per unit of missing energy, `reach` the cosine above which the linear controller takes
/// over, `noise` the standard deviation added to the torque before it is clipped.
float swing_up(const float* seen, Random& random, double pump, double reach, double noise);
float medium_torque(const float* seen, Random& random);
inline float good_torque(const float* seen, Random& random) { return swing_up(seen, random, 0.5, 0.85, 0.3); }

/// The slow half of the `Pendulum`'s states, in which it cannot coast over the top: at most half a unit more energy
/// than at rest upright.
inline bool in_the_slow_half(const float* seen) {
  return 0.5 * double(seen[2]) * double(seen[2]) + 15 * (double(seen[0]) - 1) <= 0.5;
}

/// Left or right with equal probability.
std::int64_t random_push(const float*, Random& random);

/// Pushes toward the side given by a weighted sum of a `CartPole` observation; in a `share` of the steps, at random.
std::int64_t balance(const float* seen, Random& random, double position, double spin, double share);
inline std::int64_t poor_push(const float* seen, Random& random) { return balance(seen, random, 0, 0, 0.2); }
std::int64_t decent_push(const float* seen, Random& random);
}  // namespace tessera::behaviors

#ifndef TESSERA_COMPILED
#include <tessera/sources/behaviors.impl.hpp>
#endif
