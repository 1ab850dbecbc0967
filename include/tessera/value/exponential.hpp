#pragma once
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V of the policy that is best at KL cost alpha from the behavior, as a regression:
///   minimize E exp(z - m) + exp(-m) V(s) / alpha,  z = min((min_i Qbar_i(s, a_D) - V(s)) / alpha, max_z),  m =
///       max(max_b z, -1)
///   V(s) = alpha log E_b exp(Q(s, a) / alpha),   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// As Gumbel where no z is beyond its bound.  m, the batch's largest z, has no gradient.  Beyond the bound the
/// exponential has none, and the second summand alone pulls V down.
/// Source: Xu et al. 2023 (EQL), the authors' code.
struct Exponential : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double alpha = 2.0;
    double max_z = 5.0;

    static constexpr doc docs[] = {
        {"net", "the value's network (EQL: with LayerNorm)"},
        {"adam", "the value's optimizer"},
        {"alpha", "weight of the divergence, in units of (normalized) return (EQL: 2 locomotion, 0.5 to 5 mazes)",
         1e-6},
        {"max_z", "bound of the exponent (EQL: 5)", 0},
    };
  };
  static constexpr const char* formula =
      "E exp(z - m) + exp(-m) V(s)/alpha, z = min((min_i Qbar_i(s,a) - V(s)) / alpha, max_z), m = max(max_b z, -1);  A "
      "= min_i Qbar_i - V";
  static constexpr const char* source = "Xu et al. 2023, authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto q = math::min(step.q(now, logged_action, as::target));
    const auto v = step.v(now);
    return {"value/exponential",
            math::largest_exponent_scale(q, v, h.alpha, h.max_z) * math::exponential_loss(q, v, h.alpha, h.max_z)};
  }
  static double temperature(const params& h) { return h.alpha; }
};
static_assert(FittedValue<Exponential> && SoftMaximumValue<Exponential>);
}  // namespace tessera
