#pragma once
#include <tessera/options/network.hpp>
#include <tessera/policy/network_policy.hpp>

namespace tessera {
/// Deterministic policy  a = tanh f(s).  It has no density; its sample is its mode.
/// Source: Fujimoto et al. 2018 (TD3).
struct DeterministicPolicy : NetworkPolicy {
  using space = Continuous;
  struct params {
    MlpOptions net{};
    AdamOptions adam{};

    static constexpr doc docs[] = {{"net", "the policy's network"}, {"adam", "the policy's optimizer"}};
  };
  static constexpr const char* formula = "a = tanh f(s)";
  static constexpr const char* source = "Fujimoto et al. 2018";
  static constexpr bool reparameterized = true;
  static constexpr noise noise_kind = noise::none;
  static constexpr std::int64_t noise_size(std::int64_t) { return 0; }

  static head_layout layout(const params&, std::int64_t action_size) { return {action_size}; }

  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out.tanh();
  }
  template <class T>
  static T sample(const params& h, const head<T>& x, const T&) {
    return mode(h, x);
  }
};
static_assert(ReparameterizedPolicy<DeterministicPolicy> && !LogDensityPolicy<DeterministicPolicy>);
}  // namespace tessera
