#pragma once
#include <tessera/policy/gaussian.hpp>

namespace tessera {
/// Gaussian policy whose mean and log-std both depend on the state:
///   a ~ N(tanh f(s), sigma(s)^2)
/// Otherwise as GaussianPolicy.
struct StateDependentGaussianPolicy {
  using role = role::policy;
  using space = Continuous;
  using params = GaussianParams;
  using needs_ = needs<>;
  static constexpr const char* formula = "a ~ N(tanh f(s), sigma(s)^2)";
  static constexpr const char* source = "Haarnoja et al. 2018, without the squashing of the sample";
  static constexpr bool reparameterized = true;
  static constexpr noise noise_kind = noise::normal;
  static constexpr std::int64_t noise_size(std::int64_t action_size) { return action_size; }

  /// Mean and log-std, d outputs each.
  static head_layout layout(const params&, std::int64_t action_size) { return {2 * action_size}; }

  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out.narrow(-1, 0, x.out.size(-1) / 2).tanh();
  }
  template <class T>
  static T log_std(const params& h, const head<T>& x) {
    const auto d = x.out.size(-1) / 2;
    return x.out.narrow(-1, d, d).clamp(h.log_std_min, h.log_std_max);
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return (mode(h, x) + log_std(h, x).exp() * eps).clamp(-1, 1);
  }
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    return math::normal_log_prob(action, mode(h, x), log_std(h, x));
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    const T u = mode(h, x) + log_std(h, x).exp() * eps;
    return {u.clamp(-1, 1), log_prob(h, x, u)};
  }
};
static_assert(SoftPolicy<StateDependentGaussianPolicy>);
}  // namespace tessera
