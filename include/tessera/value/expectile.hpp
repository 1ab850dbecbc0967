#pragma once
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/options/network.hpp>
#include <tessera/value/network_value.hpp>

namespace tessera {
/// V as an expectile of Q over the logged actions:
///   minimize E |tau - 1[u < 0]| u^2,   u = min_i Qbar_i(s, a_D) - V(s)
///   A(s, a_D) = min_i Qbar_i(s, a_D) - V(s)
/// tau = 0.5 is the mean; tau -> 1 approaches the best action in the data, without evaluating any other.
/// Source: Kostrikov et al. 2021 (IQL), equations 5 and 7.
struct Expectile : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double tau = 0.7;

    static constexpr doc docs[] = {
        {"net", "the value's network"},
        {"adam", "the value's optimizer"},
        {"tau", "expectile level in (0, 1) (IQL: 0.7 locomotion, 0.9 mazes)", above_zero, below_one},
    };
  };
  static constexpr const char* formula = "E |tau - 1[u<0]| u^2, u = min_i Qbar_i(s,a) - V(s);  A = u";
  static constexpr const char* source = "Kostrikov et al. 2021, eqs. 5 and 7";

  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return {"value/expectile",
            math::expectile_loss(math::min(step.q(now, logged_action, as::target)), step.v(now), h.tau)};
  }
};
static_assert(FittedValue<Expectile>);
}  // namespace tessera
