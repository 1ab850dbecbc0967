#pragma once
#include <tessera/math/normal.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/network_policy.hpp>

namespace tessera {
/// Hyper-parameters that the Gaussian policies share.
struct GaussianParams {
  MlpOptions net{};
  AdamOptions adam{};
  double log_std_min = -5.0;
  double log_std_max = 2.0;

  static constexpr doc docs[] = {
      {"net", "the policy's network"},
      {"adam", "the policy's optimizer"},
      {"log_std_min", "lower bound of log sigma (IQL: -5; SAC: -20)"},
      {"log_std_max", "upper bound of log sigma"},
  };
};

/// What Gaussian policies of unclipped density have in common.  `P` gives f and g, what the network computes:
///   mode = tanh f,  log sigma = clip(g, log_std_min, log_std_max),  log pi(a|s) = sum_j log N(a_j; mode_j, sigma_j)
/// The density is that of the unclipped sample; a sample is clipped to [-1, 1] where it is used as an action.
template <class P>
struct UnclippedGaussian : NetworkPolicy {
  using space = Continuous;
  using params = GaussianParams;
  static constexpr bool reparameterized = true;
  static constexpr noise noise_kind = noise::normal;
  static constexpr std::int64_t noise_size(std::int64_t action_size) { return action_size; }

  template <class T>
  static T mode(const params&, const head<T>& x) {
    return P::f(x).tanh();
  }
  template <class T>
  static T log_std(const params& h, const head<T>& x) {
    return P::g(x).clamp(h.log_std_min, h.log_std_max);
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return unclipped(h, x, eps).clamp(-1, 1);
  }
  /// What the density is of.
  template <class T>
  static T unclipped(const params& h, const head<T>& x, const T& eps) {
    return mode(h, x) + log_std(h, x).exp() * eps;
  }
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    return math::tanh_mean_normal_log_prob(action, T(P::f(x)), T(P::g(x)), h.log_std_min, h.log_std_max);
  }
  /// The density is taken before the clip.
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    const T u = unclipped(h, x, eps);
    return {u.clamp(-1, 1), log_prob(h, x, u)};
  }
  /// Information in f and g, of the unclipped sample:  diag((1 - tanh^2 f)^2 / sigma^2, 2),  0 for g beyond its bounds.
  template <class T>
  static head<T> fisher(const params& h, const head<T>& x, const head<T>& v) {
    const T slope = 1.0 - mode(h, x).square(), beyond = (P::g(x) - log_std(h, x)).abs().sign();
    return P::head_of(T((slope * (-log_std(h, x)).exp()).square() * P::f(v)), T(2.0 * (1.0 - beyond) * P::g(v)));
  }
};

/// Gaussian policy with a bounded mean and one log-std per action dimension for all states:
///   a ~ N(tanh f(s), sigma^2)
/// Source: Kostrikov et al. 2021 (IQL).
struct GaussianPolicy : UnclippedGaussian<GaussianPolicy> {
  static constexpr const char* formula = "a ~ N(tanh f(s), sigma^2), sigma independent of s";
  static constexpr const char* source = "Kostrikov et al. 2021";

  /// One output per action dimension; log-std starts at 0.
  static head_layout layout(const params&, std::int64_t action_size) { return {action_size, action_size, 0.0}; }

  template <class T>
  static T f(const head<T>& x) {
    return x.out;
  }
  template <class T>
  static T g(const head<T>& x) {
    return x.state_independent;
  }
  template <class T>
  static head<T> head_of(const T& f, const T& g) {
    return {f, g};
  }
};
static_assert(SoftPolicy<GaussianPolicy> && FisherPolicy<GaussianPolicy>);
}  // namespace tessera
