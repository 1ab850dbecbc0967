#pragma once

namespace tessera::math {
/// The least of N members, elementwise: (N, ...) -> (...).
template <class T>
T least(const T& q) {
  return q.amin(0);
}

/// Temporal-difference loss of an ensemble against one target:
///   sum_i mean_b (Q_i(b) - y(b))^2,   q (N, B), y (B)
/// The sum makes every member's gradient that of a critic on its own.
template <class T>
T squared_td(const T& q, const T& y) {
  return (q - y).square().mean(1).sum();
}
}  // namespace tessera::math
