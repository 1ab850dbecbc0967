#pragma once
#include <tessera/math/ensemble.hpp>
#include <tessera/value/expectile.hpp>

namespace tessera {
/// V as a quantile of Q over the logged actions:
///   minimize E |tau - 1[u < 0]| |u|,   u = min_i Qbar_i(s, a_D) - V(s)
/// As Expectile, but the gradient does not grow with |u|.
/// Source: Hansen-Estruch et al. 2023 (IDQL), section 4.
struct Quantile : Expectile {
  static constexpr const char* formula = "E |tau - 1[u<0]| |u|, u = min_i Qbar_i(s,a) - V(s);  A = u";
  static constexpr const char* source = "Hansen-Estruch et al. 2023, section 4";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/quantile",
            math::quantile_loss(math::min(step.q(now, logged_action, as::target)), step.v(now), h.tau)};
  }
};
static_assert(FittedValue<Quantile>);
}  // namespace tessera
