#pragma once

namespace tessera::math {
/// Expectile loss of a difference u = q - v, elementwise:
///   |tau - 1[u < 0]| u^2
/// Least in v at the tau-expectile of q (Newey, Powell 1987).  The gradient flows into u.
template <class T>
T expectile(const T& u, double tau) {
  return tau * u.clamp_min(0).square() + (1 - tau) * u.clamp_max(0).square();
}

/// Quantile (pinball) loss of a difference u = q - v, elementwise:
///   |tau - 1[u < 0]| |u|
/// Least in v at the tau-quantile of q (Koenker, Bassett 1978).
template <class T>
T quantile(const T& u, double tau) {
  return tau * u.clamp_min(0) - (1 - tau) * u.clamp_max(0);
}
}  // namespace tessera::math
