#pragma once
#include <cstdint>

namespace tessera::math {
/// The straight path from noise z at t = 0 to x at t = 1:  (1 - t) z + t x;  z, x (..., d), t (..., 1).
/// Source: Liu et al. 2023 (rectified flow), equation 1; Lipman et al. 2023, example II.
template <class T>
T between(const T& z, const T& x, const T& t) {
  return (1.0 - t) * z + t * x;
}

/// Where the flow  dx/dt = v(x, t)  takes x from t = 0 to 1 in K equal steps; v takes x and a number.
///   Euler:     x <- x + v(x, k/K) / K
template <class T, class V>
T euler(T x, std::int64_t steps, V v) {
  const double h = 1.0 / double(steps);
  for (std::int64_t k = 0; k < steps; ++k) x = x + h * v(x, double(k) * h);
  return x;
}
///   midpoint:  x <- x + v(x + v(x, k/K) / (2 K), (k + 1/2) / K) / K,  two evaluations a step
template <class T, class V>
T midpoint(T x, std::int64_t steps, V v) {
  const double h = 1.0 / double(steps);
  for (std::int64_t k = 0; k < steps; ++k) {
    const double t = double(k) * h;
    x = x + h * v(T(x + 0.5 * h * v(x, t)), t + 0.5 * h);
  }
  return x;
}
}  // namespace tessera::math
