#pragma once
#include <tessera/math/gumbel_draw.hpp>
#include <tessera/options/network.hpp>
#include <tessera/policy/network_policy.hpp>

namespace tessera {
/// Softmax policy over A discrete actions:  pi(a|s) = exp f_a(s) / sum_b exp f_b(s).
/// A sample is the argmax of f + Gumbel noise, so that it is a function of (B, A) uniform numbers.
struct CategoricalPolicy : NetworkPolicy {
  using space = Discrete;
  struct params {
    MlpOptions net{};
    AdamOptions adam{};

    static constexpr doc docs[] = {{"net", "the policy's network"}, {"adam", "the policy's optimizer"}};
  };
  static constexpr const char* formula = "pi(a|s) = softmax(f(s))_a";
  static constexpr const char* source = "standard";
  static constexpr noise noise_kind = noise::uniform;
  static constexpr std::int64_t noise_size(std::int64_t actions) { return actions; }

  static head_layout layout(const params&, std::int64_t actions) { return {actions}; }

  /// (B) indices.
  template <class T>
  static T mode(const params&, const head<T>& x) {
    return x.out.argmax(-1);
  }
  template <class T>
  static T sample(const params&, const head<T>& x, const T& eps) {
    return math::gumbel_draw(x.out, eps);
  }
  /// log pi(.|s) of every action, (B, A).
  template <class T>
  static T log_probs(const params&, const head<T>& x) {
    return log_softmax(x.out, -1);
  }
  /// log pi(a|s) of (B) indices, (B).
  template <class T>
  static T log_prob(const params& h, const head<T>& x, const T& action) {
    return log_probs(h, x).gather(-1, action.unsqueeze(-1)).squeeze(-1);
  }
  /// Information in f:  diag(pi) - pi pi^T.
  template <class T>
  static head<T> fisher(const params& h, const head<T>& x, const head<T>& v) {
    const T p = log_probs(h, x).exp();
    return {p * (v.out - (p * v.out).sum(-1).unsqueeze(-1)), {}};
  }
};
static_assert(EnumerablePolicy<CategoricalPolicy> && SamplingPolicy<CategoricalPolicy> &&
              FisherPolicy<CategoricalPolicy>);
static_assert(!ReparameterizedPolicy<CategoricalPolicy>);
}  // namespace tessera
