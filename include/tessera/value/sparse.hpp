#pragma once
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V of the policy that is best at chi-square cost alpha from the behavior, and gives bad actions probability 0:
///   minimize E 1[x > 0] x^2 + V(s) / alpha,   x = 1 + (min_i Qbar_i(s, a_D) - V(s)) / (2 alpha)
/// V solves E_b max(x, 0) = 1; where every action has x > 0, it is the mean.  A(s, a_D) = min_i Qbar_i(s, a_D) - V(s).
/// Source: Xu et al. 2023 (SQL), equation 12 and authors' code.
struct Sparse : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double alpha = 1.0;

    static constexpr doc docs[] = {
        {"net", "the value's network (SQL: with LayerNorm)"},
        {"adam", "the value's optimizer"},
        {"alpha", "weight of the divergence, in units of (normalized) return (SQL: 1 locomotion, 0.1 mazes)", 1e-6},
    };
  };
  static constexpr const char* formula =
      "E 1[x>0] x^2 + V(s)/alpha, x = 1 + (min_i Qbar_i(s,a) - V(s)) / (2 alpha);  A = min_i Qbar_i - V";
  static constexpr const char* source = "Xu et al. 2023, eq. 12";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/sparse", math::sparse_loss(math::min(step.q(now, logged_action, as::target)), step.v(now), h.alpha)};
  }
};
static_assert(FittedValue<Sparse>);
}  // namespace tessera
