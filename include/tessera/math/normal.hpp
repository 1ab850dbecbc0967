#pragma once
#include <numbers>

#include <tessera/concepts/types.hpp>
#include <tessera/math/nodes.hpp>

namespace tessera::math {
/// log |d tanh(u) / du|, summed over the last axis, in a form that does not overflow:
///   sum_j 2 (log 2 - u_j - softplus(-2 u_j))
template <class T>
T log_tanh_slope(const T& u) {
  return (2 * (std::numbers::ln2 - u - softplus(-2 * u))).sum(-1);
}

namespace plain {
template <class T>
T normal_log_prob(const T& a, const T& mu, const T& log_std) {
  const T z = (a - mu) * (-log_std).exp();
  return (-0.5 * z.square() - log_std - 0.91893853320467274178).sum(-1);
}
template <class T>
T tanh_mean_normal_log_prob(const T& a, const T& f, const T& g, double log_std_min, double log_std_max) {
  return normal_log_prob(a, T(f.tanh()), T(g.clamp(log_std_min, log_std_max)));
}
template <class T>
drawn<T> tanh_normal_sample(const T& out, const T& eps, double log_std_min, double log_std_max) {
  const auto d = out.size(-1) / 2;
  const T mu = out.narrow(-1, 0, d), log_std = out.narrow(-1, d, d).clamp(log_std_min, log_std_max);
  const T u = mu + log_std.exp() * eps;
  return {u.tanh(), normal_log_prob(u, mu, log_std) - log_tanh_slope(u)};
}
template <class T>
T weighted_nll(const T& w, const T& log_prob) {
  return -(w * log_prob).mean();
}
template <class T>
T weighted_nll_sum(const T& w, const T& log_prob) {
  return -(w * log_prob).sum();
}
}  // namespace plain

/// log N(a; mu, exp(log_std)^2), summed over the last axis:
///   sum_j -1/2 ((a_j - mu_j) / sigma_j)^2 - log sigma_j - 1/2 log(2 pi)
/// `a`, `mu` (B, d); `log_std` (B, d) or (d).  Returns (B).
template <class T>
T normal_log_prob(const T& a, const T& mu, const T& log_std) {
  if constexpr (requires { nodes<T>::normal_log_prob(a, mu, log_std); })
    return nodes<T>::normal_log_prob(a, mu, log_std);
  else return plain::normal_log_prob(a, mu, log_std);
}

/// The same with a bounded mean and a bounded log-std:
///   log N(a; tanh f, sigma^2),  log sigma = clip(g, log_std_min, log_std_max)
/// `a`, `f` (B, d); `g` (B, d) or (d).  Returns (B).
template <class T>
T tanh_mean_normal_log_prob(const T& a, const T& f, const T& g, double log_std_min, double log_std_max) {
  if constexpr (requires { nodes<T>::tanh_mean_normal_log_prob(a, f, g, log_std_min, log_std_max); })
    return nodes<T>::tanh_mean_normal_log_prob(a, f, g, log_std_min, log_std_max);
  else return plain::tanh_mean_normal_log_prob(a, f, g, log_std_min, log_std_max);
}

/// A squashed normal sample with its log-density, reparameterized:  [mu, l] = out,
///   u = mu + sigma eps,  log sigma = clip(l, log_std_min, log_std_max)
///   a = tanh(u),  log pi(a) = log N(u; mu, sigma) - log_tanh_slope(u)
/// `out` (B, 2d), `eps` (B, d).  Returns (B, d) and (B).
template <class T>
drawn<T> tanh_normal_sample(const T& out, const T& eps, double log_std_min, double log_std_max) {
  if constexpr (requires { nodes<T>::tanh_normal_sample(out, eps, log_std_min, log_std_max); })
    return nodes<T>::tanh_normal_sample(out, eps, log_std_min, log_std_max);
  else return plain::tanh_normal_sample(out, eps, log_std_min, log_std_max);
}

/// Weighted negative log-likelihood,  -mean_b w(b) log_prob(b);  both (B), the gradient flows into log_prob.
template <class T>
T weighted_nll(const T& w, const T& log_prob) {
  if constexpr (requires { nodes<T>::weighted_nll(w, log_prob); }) return nodes<T>::weighted_nll(w, log_prob);
  else return plain::weighted_nll(w, log_prob);
}
/// The same as a sum over the batch, for weights that sum to one.
template <class T>
T weighted_nll_sum(const T& w, const T& log_prob) {
  if constexpr (requires { nodes<T>::weighted_nll_sum(w, log_prob); }) return nodes<T>::weighted_nll_sum(w, log_prob);
  else return plain::weighted_nll_sum(w, log_prob);
}
}  // namespace tessera::math
