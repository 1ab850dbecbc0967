#pragma once
#include <tessera/policy/tanh_gaussian.hpp>

namespace parity {
/// The squashed Gaussian as most programs write its density, with a number that keeps the logarithm finite
/// and the density from being one:  log pi = log N(u; mu, sigma) - sum_j log(1 - tanh(u_j)^2 + 1e-6).  Ours
/// is the exact one.
struct PaddedDensity : tessera::TanhGaussianPolicy {
  template <class T>
  static tessera::drawn<T> sample_with_log_prob(const params& h, const tessera::head<T>& x, const T& eps) {
    const T u = mu(h, x) + log_std(h, x).exp() * eps, a = u.tanh();
    return {a, tessera::math::normal_log_prob(u, mu(h, x), log_std(h, x)) - (1.0 - a.square() + 1e-6).log().sum(-1)};
  }
};
}  // namespace parity
