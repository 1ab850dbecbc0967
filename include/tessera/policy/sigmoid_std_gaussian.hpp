#pragma once
#include <tessera/math/normal.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/network_policy.hpp>

namespace tessera {
/// Gaussian policy with a bounded mean, and one log-std per action dimension for all states that a sigmoid keeps
/// between its bounds:
///   a ~ N(tanh f(s), sigma^2),   log sigma = log_std_min + (log_std_max - log_std_min) sigmoid(g)
/// A sample is neither squashed nor clipped: critics see it as it is drawn, and its density is that of what they see.
/// An action that leaves the learner is clipped to the task's bounds.
/// Source: Nair et al. 2020 (AWAC) and Xiao et al. 2023 (InAC), authors' code.
struct SigmoidStdGaussianPolicy : NetworkPolicy {
  using space = Continuous;
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double log_std_min = -6.0;
    double log_std_max = 0.0;

    static constexpr doc docs[] = {
        {"net", "the policy's network"},
        {"adam", "the policy's optimizer"},
        {"log_std_min", "lower bound of log sigma (AWAC, InAC: -6), which starts halfway between the two"},
        {"log_std_max", "upper bound of log sigma (AWAC, InAC: 0)"},
    };
  };
  static constexpr const char* formula =
      "a ~ N(tanh f(s), sigma^2), log sigma = low + (high - low) sigmoid(g), unclipped";
  static constexpr const char* source = "Nair et al. 2020; Xiao et al. 2023, authors' code";
  static constexpr bool reparameterized = true;
  static constexpr bool unbounded = true;
  static constexpr noise noise_kind = noise::normal;
  static constexpr std::int64_t noise_size(std::int64_t action_size) { return action_size; }

  /// One output per action dimension; g starts at 0.
  static head_layout layout(const params&, std::int64_t action_size) { return {action_size, action_size, 0.0}; }

  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out.tanh();
  }
  template <class T>
  static T log_std(const params& h, const head<T>& x) {
    return h.log_std_min + (h.log_std_max - h.log_std_min) * x.state_independent.sigmoid();
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T& eps) {
    return mode(h, x) + log_std(h, x).exp() * eps;
  }
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    return math::normal_log_prob(action, mode(h, x), log_std(h, x));
  }
  template <class T>
  static drawn<T> sample_with_log_prob(const params& h, const head<T>& x, const T& eps) {
    const T a = sample(h, x, eps);
    return {a, log_prob(h, x, a)};
  }
};
static_assert(SoftPolicy<SigmoidStdGaussianPolicy> && UnboundedPolicy<SigmoidStdGaussianPolicy>);
}  // namespace tessera
