#pragma once
#include <numbers>

namespace tessera::math {
/// log N(a; mu, exp(log_std)^2), summed over the last axis:
///   sum_j -1/2 ((a_j - mu_j) / sigma_j)^2 - log sigma_j - 1/2 log(2 pi)
/// `a`, `mu` (B, d); `log_std` (B, d) or (d).  Returns (B).
template <class T>
T normal_log_prob(const T& a, const T& mu, const T& log_std) {
  const T z = (a - mu) * (-log_std).exp();
  return (-0.5 * z.square() - log_std - 0.91893853320467274178).sum(-1);
}

/// log |d tanh(u) / du|, summed over the last axis, in the form that does not overflow:
///   sum_j 2 (log 2 - u_j - softplus(-2 u_j))
template <class T>
T log_tanh_slope(const T& u) {
  return (2 * (std::numbers::ln2 - u - softplus(-2 * u))).sum(-1);
}
}  // namespace tessera::math
