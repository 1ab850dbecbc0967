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

/// The same steps undone, from the last to the first: x at t = 0 of x at t = 1.  A step  x' = x + g(x)  is solved for x
/// by  x <- x' - g(x),  `passes` times from x = x'; the error shrinks by the slope of g each time, which is that of
/// v / K.
template <class T, class G>
T undone(T x, std::int64_t steps, std::int64_t passes, G g) {
  for (std::int64_t k = steps - 1; k >= 0; --k) {
    const T after = x;
    for (std::int64_t i = 0; i < passes; ++i) x = after - g(x, k);
  }
  return x;
}
template <class T, class V>
T euler_undone(const T& x, std::int64_t steps, std::int64_t passes, V v) {
  const double h = 1.0 / double(steps);
  return undone(x, steps, passes, [&](const T& y, std::int64_t k) { return T(h * v(y, double(k) * h)); });
}
template <class T, class V>
T midpoint_undone(const T& x, std::int64_t steps, std::int64_t passes, V v) {
  const double h = 1.0 / double(steps);
  return undone(x, steps, passes, [&](const T& y, std::int64_t k) {
    const double t = double(k) * h;
    return T(h * v(T(y + 0.5 * h * v(y, t)), t + 0.5 * h));
  });
}
}  // namespace tessera::math
