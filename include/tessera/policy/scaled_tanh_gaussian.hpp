#pragma once
#include <tessera/policy/tanh_gaussian.hpp>

namespace tessera {
/// Squashed Gaussian policy whose log-std is scaled and shifted by two numbers that are trained with the
/// network:
///   a = tanh(u),  u ~ N(mu(s), sigma(s)^2),   log sigma = clip(m g(s) + o, log_std_min, log_std_max)
/// m starts at 1, o at -1: the policy begins narrower than TanhGaussianPolicy.  The network keeps m - 1 and o
/// + 1. Otherwise as TanhGaussianPolicy. Source: the SAC and CQL code that CORL and Cal-QL go back to.
/// Differs from it: log sigma >= -5 (-20) unless asked.
struct ScaledTanhGaussianPolicy : NetworkPolicy {
  using space = Continuous;
  using params = GaussianParams;
  static constexpr const char* formula =
      "a = tanh(u), u ~ N(mu(s), sigma(s)^2), log sigma = m g(s) + o, m and o trained";
  static constexpr const char* source = "Haarnoja et al. 2018, appendix C; Nakamoto et al. 2023, authors' code";
  static constexpr bool reparameterized = true;
  static constexpr noise noise_kind = noise::normal;
  static constexpr std::int64_t noise_size(std::int64_t action_size) { return action_size; }

  /// mu and g, d outputs each; m - 1 and o + 1.
  static head_layout layout(const params&, std::int64_t action_size) { return {2 * action_size, 2, 0.0}; }

  template <class T>
  static T mu(const params& h, const head<T>& x) {
    return TanhGaussianPolicy::mu(h, x);
  }
  template <class T>
  static T log_std(const params& h, const head<T>& x) {
    const auto d = x.out.size(-1) / 2;
    const T m = 1.0 + x.state_independent.narrow(-1, 0, 1), o = x.state_independent.narrow(-1, 1, 1) - 1.0;
    return (m * x.out.narrow(-1, d, d) + o).clamp(h.log_std_min, h.log_std_max);
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
    return log_prob_of(h, x, T(action.clamp(-1 + 1e-5, 1 - 1e-5).atanh()));
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    const T u = mu(h, x) + log_std(h, x).exp() * eps;
    return {u.tanh(), log_prob_of(h, x, u)};
  }

 private:
  // log pi of tanh(u)
  template <class T>
  static T log_prob_of(const params& h, const head<T>& x, const T& u) {
    return math::normal_log_prob(u, mu(h, x), log_std(h, x)) - math::log_tanh_slope(u);
  }
};
static_assert(SoftPolicy<ScaledTanhGaussianPolicy>);
}  // namespace tessera
