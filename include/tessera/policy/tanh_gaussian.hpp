#pragma once
#include <tessera/policy/gaussian.hpp>

namespace tessera {
/// Squashed Gaussian policy:
///   a = tanh(u),  u ~ N(mu(s), sigma(s)^2)
///   log pi(a|s) = log N(u; mu, sigma) - sum_j log(1 - a_j^2),  in the stable form of math::log_tanh_slope
/// The density of a given action uses u = atanh(clip(a, +-(1 - 1e-5))): logged actions may sit on the bounds.
/// Source: Haarnoja et al. 2018, appendix C.  Differs from the paper: log sigma is bounded below by -5.
struct TanhGaussianPolicy : NetworkPolicy {
  using space = Continuous;
  using params = GaussianParams;
  static constexpr const char* formula = "a = tanh(u), u ~ N(mu(s), sigma(s)^2)";
  static constexpr const char* source = "Haarnoja et al. 2018, appendix C";
  static constexpr bool reparameterized = true;
  static constexpr bool squashed = true;
  static constexpr noise noise_kind = noise::normal;
  static constexpr std::int64_t noise_size(std::int64_t action_size) { return action_size; }

  /// Mean and log-std, d outputs each.
  static head_layout layout(const params&, std::int64_t action_size) { return {2 * action_size}; }

  template <class T>
  static T mu(const params&, const head<T>& x) {
    return x.out.narrow(-1, 0, x.out.size(-1) / 2);
  }
  template <class T>
  static T log_std(const params& h, const head<T>& x) {
    const auto d = x.out.size(-1) / 2;
    return x.out.narrow(-1, d, d).clamp(h.log_std_min, h.log_std_max);
  }
  template <class T>
  static T mode(const params& h, const head<T>& x) {
    return mu(h, x).tanh();
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return (mu(h, x) + log_std(h, x).exp() * eps).tanh();
  }
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    const T u = action.clamp(-1 + 1e-5, 1 - 1e-5).atanh();
    return math::normal_log_prob(u, mu(h, x), log_std(h, x)) - math::log_tanh_slope(u);
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    return math::tanh_normal_sample(x.out, eps, h.log_std_min, h.log_std_max);
  }
};
static_assert(SoftPolicy<TanhGaussianPolicy> && SquashedPolicy<TanhGaussianPolicy>);
}  // namespace tessera
