#pragma once
#include <tessera/math/nodes.hpp>
#include <tessera/math/over_batch.hpp>

namespace tessera::math {
/// Expectile loss of a difference u = q - v, elementwise:
///   |tau - 1[u < 0]| u^2
/// Its minimizer over v is the tau-expectile of q (Newey, Powell 1987).  The gradient flows into u.
template <class T>
T expectile(const T& u, double tau) {
  return tau * u.clamp_min(0).square() + (1 - tau) * u.clamp_max(0).square();
}

/// Quantile (pinball) loss of a difference u = q - v, elementwise:
///   |tau - 1[u < 0]| |u|
/// Its minimizer over v is the tau-quantile of q (Koenker, Bassett 1978).
template <class T>
T quantile(const T& u, double tau) {
  return tau * u.clamp_min(0) - (1 - tau) * u.clamp_max(0);
}

/// Gumbel (LINEX) loss of a difference u = q - v, elementwise:
///   exp(z) - z - 1,   z = min(u / beta, max_z)
/// Its minimizer over v is beta log E exp(q / beta) (Garg et al. 2023, XQL, equation 10).  The bound keeps the
/// exponential finite; beyond it there is no gradient.
template <class T>
T gumbel(const T& u, double beta, double max_z) {
  const T z = (u * (1 / beta)).clamp_max(max_z);
  return z.exp() - z - 1.0;
}

/// Exponential loss of q and v, elementwise:
///   exp(z) + v / alpha,   z = min((q - v) / alpha, max_z)
/// Its minimizer over v is alpha log E exp(q / alpha), the same as for `gumbel` (Xu et al. 2023, EQL).  Above the bound
/// the exponential has no gradient.
template <class T>
T exponential(const T& q, const T& v, double alpha, double max_z) {
  return ((q - v) * (1 / alpha)).clamp_max(max_z).exp() + v * (1 / alpha);
}

/// exp(-m), m = max(max_b z, -1),  z = min((q - v) / beta, max_z):  the factor that scales the loss of a batch with a
/// large exponent down to the size of other batches'.  q, v (B); a scalar, no gradient.
template <class T>
T largest_exponent_scale(const T& q, const T& v, double beta, double max_z) {
  return (-batch_max(T(((q - v.detach()) * (1 / beta)).clamp_max(max_z))).clamp_min(-1.0)).exp();
}

/// Sparse loss of q and v, elementwise:
///   1[x > 0] x^2 + v / alpha,   x = 1 + (q - v) / (2 alpha)
/// Its minimizer over v has E max(x, 0) = 1 (Xu et al. 2023, SQL, equation 12).
template <class T>
T sparse(const T& q, const T& v, double alpha) {
  return ((q - v) * (0.5 / alpha) + 1.0).clamp_min(0).square() + v * (1 / alpha);
}

namespace plain {
template <class T>
T expectile_loss(const T& q, const T& v, double tau) {
  return expectile(T(q - v), tau).mean();
}
template <class T>
T quantile_loss(const T& q, const T& v, double tau) {
  return math::quantile(T(q - v), tau).mean();
}
template <class T>
T gumbel_loss(const T& q, const T& v, double beta, double max_z) {
  return gumbel(T(q - v), beta, max_z).mean();
}
}  // namespace plain

/// mean_b of `expectile` at u = q - v;  q, v (B).
template <class T>
T expectile_loss(const T& q, const T& v, double tau) {
  if constexpr (requires { nodes<T>::expectile_loss(q, v, tau); }) return nodes<T>::expectile_loss(q, v, tau);
  else return plain::expectile_loss(q, v, tau);
}
/// mean_b of `quantile` at u = q - v;  q, v (B).
template <class T>
T quantile_loss(const T& q, const T& v, double tau) {
  if constexpr (requires { nodes<T>::quantile_loss(q, v, tau); }) return nodes<T>::quantile_loss(q, v, tau);
  else return plain::quantile_loss(q, v, tau);
}
/// mean_b of `sparse`;  q, v (B).
template <class T>
T sparse_loss(const T& q, const T& v, double alpha) {
  return sparse(q, v, alpha).mean();
}
/// mean_b of `exponential`;  q, v (B).
template <class T>
T exponential_loss(const T& q, const T& v, double alpha, double max_z) {
  return exponential(q, v, alpha, max_z).mean();
}
/// mean_b of `gumbel` at u = q - v;  q, v (B).
template <class T>
T gumbel_loss(const T& q, const T& v, double beta, double max_z = 5.0) {
  if constexpr (requires { nodes<T>::gumbel_loss(q, v, beta, max_z); }) return nodes<T>::gumbel_loss(q, v, beta, max_z);
  else return plain::gumbel_loss(q, v, beta, max_z);
}
}  // namespace tessera::math
