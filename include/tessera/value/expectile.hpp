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
/// V(s) in A is that from after V's step of the update, or, with `advantage_before_step`, from before it.
/// Source: Kostrikov et al. 2021 (IQL), equations 5 and 7, and the authors' code; `advantage_before_step` differs from
/// them: CORL's program (Tarasov et al. 2022) has A so, and V(s') from before as well, as schedule<AllAtOnce> has it.
struct Expectile : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double tau = 0.7;
    bool advantage_before_step = false;

    static constexpr doc docs[] = {
        {"net", "the value's network"},
        {"adam", "the value's optimizer"},
        {"tau", "expectile level in (0, 1) (IQL: 0.7 locomotion, 0.9 mazes)", above_zero, below_one},
        {"advantage_before_step",
         "whether A has V(s) from before V's step of the same update, as in CORL's IQL, which saves a pass; the "
         "authors' has V(s) from after it"},
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
