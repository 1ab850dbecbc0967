#pragma once
#include <cstdint>

namespace tessera::math {
/// Solves A x = b approximately by the given number of conjugate-gradient iterations from x = 0.  A is symmetric and
/// positive definite, and given only by its products A(v).  Up to rounding, the result is exact after as many
/// iterations as A has distinct eigenvalues.
///   x <- x + a p,   r <- r - a A p,   a = r.r / p.A p
///   p <- r + (r.r / r_before.r_before) p
/// Nothing is copied back from the device: once r is 0, further iterations change nothing.
/// Source: Hestenes, Stiefel 1952, section 3.
template <class T, class A>
T conjugate_gradient(A&& times, const T& b, std::int64_t iterations) {
  constexpr double tiny = 1e-30;
  T x = b * 0.0, r = b, p = b, square = (r * r).sum();
  for (std::int64_t i = 0; i < iterations; ++i) {
    const T ap = times(p), a = square / ((p * ap).sum() + tiny);
    x = x + a * p, r = r - a * ap;
    const T before = square;
    square = (r * r).sum();
    p = r + square / (before + tiny) * p;
  }
  return x;
}
}  // namespace tessera::math
