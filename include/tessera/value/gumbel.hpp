#pragma once
#include <tessera/math/expectile.hpp>
#include <tessera/nn/options.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V as a soft maximum of Q over the logged actions, by Gumbel regression:
///   minimise E exp(z) - z - 1,   z = min((min_i Qbar_i(s, a_D) - V(s)) / beta, max_z)
///   V(s) = beta log E_b exp(Q(s, a) / beta),   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// which is the value of the best policy at KL cost beta from the behaviour, without a sample of any policy.
/// Source: Garg et al. 2023 (XQL), equation 10.  Differs from the paper: not rescaled by the batch's largest z; beyond the bound
/// there is no gradient.
struct Gumbel : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double beta = 2.0;
    double max_z = 5.0;

    static constexpr doc docs[] = {
        {"net", "the value's network (XQL: with LayerNorm)"},
        {"adam", "the value's optimiser"},
        {"beta", "temperature, in units of (normalised) return (XQL: 1 to 10 locomotion, 0.5 to 2 mazes)", 1e-6},
        {"max_z", "bound of the exponent (XQL: 5 to 7)", 0},
    };
  };
  static constexpr const char* formula = "E exp(z) - z - 1, z = min((min_i Qbar_i(s,a) - V(s)) / beta, max_z);  A = min_i Qbar_i - V";
  static constexpr const char* source = "Garg et al. 2023, eq. 10";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/gumbel", math::gumbel_loss(step.q_target_data(), step.v(now), h.beta, h.max_z)};
  }
};
static_assert(FittedValue<Gumbel>);
}  // namespace tessera
