#pragma once
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V as a soft maximum of Q over the logged actions, by Gumbel regression:
///   minimize exp(-m) E [exp(z) - z - 1],  z = min((min_i Qbar_i(s, a_D) - V(s)) / beta, max_z),  m = max(max_b z, -1)
///   V(s) = beta log E_b exp(Q(s, a) / beta),   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// which is the value of the best policy at KL cost beta from the behavior, without a sample of any policy.  m, the
/// batch's largest z, has no gradient; beyond the bound V has none.
/// Source: Garg et al. 2023 (XQL), equation 10 and the authors' code.
struct Gumbel : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double beta = 2.0;
    double max_z = 5.0;

    static constexpr doc docs[] = {
        {"net", "the value's network (XQL: with LayerNorm)"},
        {"adam", "the value's optimizer"},
        {"beta", "temperature, in units of (normalized) return (XQL: 1 to 10 locomotion, 0.5 to 2 mazes)", 1e-6},
        {"max_z", "bound of the exponent (XQL: 5 to 7)", 0},
    };
  };
  static constexpr const char* formula =
      "exp(-m) E [exp(z) - z - 1], z = min((min_i Qbar_i(s,a) - V(s)) / beta, max_z), m = max(max_b z, -1);  A = min_i "
      "Qbar_i - V";
  static constexpr const char* source = "Garg et al. 2023, eq. 10 and authors' code";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    const auto q = math::min(step.q(now, logged_action, as::target));
    const auto v = step.v(now);
    return {"value/gumbel",
            math::largest_exponent_scale(q, v, h.beta, h.max_z) * math::gumbel_loss(q, v, h.beta, h.max_z)};
  }
  static double temperature(const params& h) { return h.beta; }
};
static_assert(FittedValue<Gumbel> && SoftMaximumValue<Gumbel>);
}  // namespace tessera
