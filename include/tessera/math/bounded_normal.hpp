#pragma once
#include <tessera/math/nodes.hpp>

namespace tessera::math {
/// Means and log-variances of independent normals.
template <class T>
struct moments {
  T mean;
  T log_variance;
};

/// The normals that a probabilistic network predicts, with log-variances softly bounded by two learned rows of numbers:
///   [mu, g] = out,   l = high - softplus(high - g),   log sigma^2 = low + softplus(l - low)
/// `out` (..., 2D); `low`, `high` (D).  Returns (..., D) twice.
/// Source: Chua et al. 2018 (PETS), appendix A.1.
template <class T>
moments<T> bounded_normal(const T& out, const T& low, const T& high) {
  const auto d = out.size(-1) / 2;
  const T l = high - softplus(T(high - out.narrow(-1, d, d)));
  return {out.narrow(-1, 0, d), low + softplus(T(l - low))};
}

namespace plain {
template <class T>
T bounded_normal_terms(const T& out, const T& low, const T& high, const T& y, double beta) {
  const auto [mu, l] = bounded_normal(out, low, high);
  const T nll = (mu - y).square() * (-l).exp() + l;
  return beta == 0 ? nll : T((beta * l.detach()).exp() * nll);
}
template <class T>
T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, double beta) {
  return bounded_normal_terms(out, low, high, y, beta).mean(-1).mean(-1).sum();
}
template <class T>
T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, const T& weight, double beta) {
  return (weight * bounded_normal_terms(out, low, high, y, beta)).mean(-1).mean(-1).sum();
}
}  // namespace plain

/// The loss that fits an ensemble of such normals: per member, twice the negative log-likelihood without its constant,
///   sum_i mean_{b,j} w_i(b,j) [ (mu_i(b,j) - y_i(b,j))^2 / sigma_i(b,j)^2 + log sigma_i(b,j)^2 ]
/// with weights w = sigma^(2 beta), through which no gradient flows.  With beta = 0 this is the likelihood: a dimension
/// that is hard to predict soon gets a large sigma, and then hardly any gradient.  With beta = 1 the means are fitted
/// as by least squares.
/// `out` (N, B, 2D), `y` (N, B, D), `low`, `high` (D).  A scalar.
/// Source: Lakshminarayanan et al. 2017, equation 1; Chua et al. 2018, equation 1; the weights: Seitzer et al. 2022,
/// equation 5.
template <class T>
T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, double beta = 0) {
  if constexpr (requires { nodes<T>::bounded_normal_nll(out, low, high, y, beta); })
    return nodes<T>::bounded_normal_nll(out, low, high, y, beta);
  else return plain::bounded_normal_nll(out, low, high, y, beta);
}
/// The same with w(b,j) multiplied by `weight` (N, B, D); a weight of 0 means that there is nothing to learn there, but
/// y must be a finite number even so.
template <class T>
T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, const T& weight, double beta) {
  if constexpr (requires { nodes<T>::bounded_normal_nll(out, low, high, y, weight, beta); })
    return nodes<T>::bounded_normal_nll(out, low, high, y, weight, beta);
  else return plain::bounded_normal_nll(out, low, high, y, weight, beta);
}
}  // namespace tessera::math
