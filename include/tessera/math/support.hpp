#pragma once
#include <cmath>

namespace tessera::math {
/// Which actions are likely enough against the likeliest:  1 where b_a > threshold max_b b_b, else 0;  log b (B, A) ->
/// (B, A).  Below a threshold of 1 the likeliest always is; above 0 none is whose probability is 0.
template <class T>
T likely(const T& log_b, double threshold) {
  const double min = threshold > 0 ? std::log(threshold) : -1e30;
  return (log_b - log_b.amax(-1).unsqueeze(-1) - min).sign().clamp_min(0);
}
/// The action of the largest value among those of a support of 0 and 1:  (B, A) and (B, A) -> (B).
template <class T>
T supported_argmax(const T& q, const T& support) {
  return (support * q - 1e30 * (1.0 - support)).argmax(-1);
}
}  // namespace tessera::math
