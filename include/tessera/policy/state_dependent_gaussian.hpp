#pragma once
#include <tessera/policy/gaussian.hpp>

namespace tessera {
/// Gaussian policy whose mean and log-std both depend on the state:
///   a ~ N(tanh f(s), sigma(s)^2)
/// Otherwise as GaussianPolicy.
struct StateDependentGaussianPolicy : UnclippedGaussian<StateDependentGaussianPolicy> {
  static constexpr const char* formula = "a ~ N(tanh f(s), sigma(s)^2)";
  static constexpr const char* source = "Haarnoja et al. 2018, without the squashing of the sample";

  /// Mean and log-std, d outputs each.
  static head_layout layout(const params&, std::int64_t action_size) { return {2 * action_size}; }

  template <class T>
  static T f(const head<T>& x) {
    return x.out.narrow(-1, 0, x.out.size(-1) / 2);
  }
  template <class T>
  static T g(const head<T>& x) {
    const auto d = x.out.size(-1) / 2;
    return x.out.narrow(-1, d, d);
  }
  template <class T>
  static head<T> head_of(const T& f, const T& g) {
    const auto d = f.size(-1);
    T out = f.repeat_interleave(2, -1);
    out.narrow(-1, 0, d).copy_(f), out.narrow(-1, d, d).copy_(g);
    return {out, {}};
  }
};
static_assert(SoftPolicy<StateDependentGaussianPolicy> && FisherPolicy<StateDependentGaussianPolicy>);
}  // namespace tessera
