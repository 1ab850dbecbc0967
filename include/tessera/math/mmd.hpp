#pragma once

namespace tessera {
/// k(x, y) = exp(-|x - y|_1 / (2 sigma)), of the difference of its arguments over the last axis.
struct LaplacianKernel {
  template <class T>
  static T of(const T& difference, double bandwidth) {
    return (difference.abs().sum(-1) * (-0.5 / bandwidth)).exp();
  }
};
/// k(x, y) = exp(-|x - y|_2^2 / (2 sigma)).
struct GaussianKernel {
  template <class T>
  static T of(const T& difference, double bandwidth) {
    return (difference.square().sum(-1) * (-0.5 / bandwidth)).exp();
  }
};

namespace math {
/// mean_{i,j} k(x_i, y_j) for each state:  (B, M, d) and (B, L, d) -> (B).
template <class Kernel, class T>
T mean_kernel(const T& x, const T& y, double bandwidth) {
  return Kernel::of(T(x.unsqueeze(2) - y.unsqueeze(1)), bandwidth).mean(-1).mean(-1);
}
/// Squared maximum mean discrepancy between two sets of samples for each state; the pairs (i, i) are included:
///   mean k(x_i, x_j) + mean k(y_i, y_j) - 2 mean k(x_i, y_j),   (B, M, d) and (B, L, d) -> (B)
/// Source: Gretton et al. 2012, equation 5.
template <class Kernel, class T>
T squared_mmd(const T& x, const T& y, double bandwidth) {
  return mean_kernel<Kernel>(x, x, bandwidth) + mean_kernel<Kernel>(y, y, bandwidth) -
         2 * mean_kernel<Kernel>(x, y, bandwidth);
}
/// The discrepancy itself,  sqrt(MMD^2 + 1e-6) for each state; the constant keeps the gradient finite where the samples
/// agree.
/// Source: Kumar et al. 2019 (BEAR), authors' code.
template <class Kernel, class T>
T mmd(const T& x, const T& y, double bandwidth) {
  return (squared_mmd<Kernel>(x, y, bandwidth) + 1e-6).sqrt();
}
}  // namespace math
}  // namespace tessera
