#pragma once
#include <tessera/math/nodes.hpp>

namespace tessera::math {
namespace plain {
template <class T>
T min(const T& q) {
  return q.amin(0);
}
template <class T>
T squared_td(const T& q, const T& y) {
  return (q - y).square().mean(1).sum();
}
template <class T>
T log_sum_exp_gap(const T& x, const T& q, double temperature) {
  return (temperature * logsumexp(x * (1 / temperature), -1) - q).mean(1).sum();
}
}  // namespace plain

/// The minimum over N members, elementwise: (N, ...) -> (...).  Members that share the minimum share its gradient.
template <class T>
T min(const T& q) {
  if constexpr (requires { nodes<T>::min(q); }) return nodes<T>::min(q);
  else return plain::min(q);
}

/// The minimum over some members: (N, ...) and indices (M) -> (...).  Source: Chen et al. 2021 (REDQ), algorithm 1.
template <class T, class Indices>
T min_of(const T& q, const Indices& members) {
  return math::min(T(q.index_select(0, members)));
}

/// The mean of N members, elementwise: (N, ...) -> (...).
template <class T>
T average(const T& q) {
  return q.mean(0);
}

/// Temporal-difference loss of an ensemble against one target:
///   sum_i mean_b (Q_i(b) - y(b))^2,   q (N, B), y (B)
/// Because it is a sum, each member gets the gradient that a critic on its own would get.
template <class T>
T squared_td(const T& q, const T& y) {
  if constexpr (requires { nodes<T>::squared_td(q, y); }) return nodes<T>::squared_td(q, y);
  else return plain::squared_td(q, y);
}

/// The same with a Huber loss of the errors e = Q_i - y, for delta > 0:
///   1/2 e^2  where |e| <= delta,   delta (|e| - delta / 2)  beyond
/// Source: Huber 1964; Mnih et al. 2015, whose delta is 1.
template <class T>
T huber_td(const T& q, const T& y, double delta) {
  const T size = (q - y).abs(), near = size.clamp_max(delta);
  return (near * (size - 0.5 * near)).mean(1).sum();
}

/// How strongly the members' action gradients point in the same direction:
///   E sum_{i != j} <g_i, g_j> = E ( |sum_i g_i|^2 - sum_i |g_i|^2 ),   g_i = slope_i / (|slope_i| + 1e-10)
/// slopes (N, B, d) -> a scalar.  Source: An et al. 2021 (EDAC), equation 5.
template <class T>
T likeness(const T& slopes) {
  // sqrt has an infinite gradient at 0: a member whose gradient is zero has no direction.
  const T length = (slopes.square().sum(-1) + 1e-20).sqrt();
  const T g = slopes / length.unsqueeze(-1);
  return (g.sum(0).square().sum(-1) - g.square().sum(-1).sum(0)).mean();
}

/// How far a soft maximum over K values stands above one value, summed over an ensemble:
///   sum_i mean_b [ T log sum_k exp(x_i(b, k) / T) - q_i(b) ],   x (N, B, K), q (N, B)
/// Source: Kumar et al. 2020 (CQL), equation 4; x carries the importance weights, if any.
template <class T>
T log_sum_exp_gap(const T& x, const T& q, double temperature = 1.0) {
  if constexpr (requires { nodes<T>::log_sum_exp_gap(x, q, temperature); })
    return nodes<T>::log_sum_exp_gap(x, q, temperature);
  else return plain::log_sum_exp_gap(x, q, temperature);
}
}  // namespace tessera::math
