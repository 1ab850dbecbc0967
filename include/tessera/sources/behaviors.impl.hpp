#pragma once
#include <algorithm>
#include <cstdint>

#include <tessera/sources/behaviors.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::behaviors {
TESSERA_INLINE float swing_up(const float* seen, Random& random, double pump, double reach, double noise) {
  const double cosine = seen[0], sine = seen[1], speed = seen[2];
  const double energy = 0.5 * speed * speed + 15 * (cosine - 1);
  const double direction = speed < 0 ? -1 : 1;
  double torque = -pump * energy * direction;
  if (cosine > reach) torque = -(10 * sine + 2 * speed);
  return static_cast<float>(std::clamp(std::clamp(torque, -2.0, 2.0) + noise * random.normal(), -2.0, 2.0));
}

TESSERA_INLINE float medium_torque(const float* seen, Random& random) {
  return swing_up(seen, random, 0.12, 0.985, 1.2);
}
TESSERA_INLINE std::int64_t random_push(const float*, Random& random) {
  return static_cast<std::int64_t>(random.below(2));
}
TESSERA_INLINE std::int64_t balance(const float* seen, Random& random, double position, double spin, double share) {
  if (random.uniform() < share) return random_push(seen, random);
  return position * (seen[0] + seen[1]) + seen[2] + spin * seen[3] > 0;
}

TESSERA_INLINE std::int64_t decent_push(const float* seen, Random& random) {
  return balance(seen, random, 0.1, 0.3, 0.4);
}
}  // namespace tessera::behaviors
