#pragma once
#include <cmath>

namespace tessera::math {
/// Which actions are likely enough relative to the most likely one:  1 where b_a > threshold max_b b_b, else 0;  log b
/// (B, A) -> (B, A).  With a threshold below 1 the most likely action always is; with one of 0 or more, an action of
/// probability 0 never is.
template <class T>
T likely(const T& log_b, double threshold) {
  const double min = threshold > 0 ? std::log(threshold) : -1e30;
  return (log_b - log_b.amax(-1).unsqueeze(-1) - min).sign().clamp_min(0);
}
/// The action with the largest value within a 0/1 support:  (B, A) and (B, A) -> (B).
template <class T>
T supported_argmax(const T& q, const T& support) {
  return (support * q - 1e30 * (1.0 - support)).argmax(-1);
}
}  // namespace tessera::math
