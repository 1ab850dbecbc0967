#pragma once
#include <tessera/critic/params.hpp>
#include <tessera/math/ensemble.hpp>

namespace tessera {
/// Double Q-learning over discrete actions:
///   a* = argmax_a' min_i Q_i(s', a'),   y = r + gamma m min_i Qbar_i(s', a*)
///   minimize sum_i E (Q_i(s,a) - y)^2
/// The online critics choose the action, their targets evaluate it.  No policy is used.
/// Source: van Hasselt et al. 2016, equation 4; one member is the paper's.
struct DoubleQBackup : OneStep<DoubleQBackup> {
  using needs = all_of<need<policy, want::discrete_policy>>;
  static constexpr const char* formula =
      "y = r + gamma m min_i Qbar_i(s', argmax_a' min_i Q_i(s',a'));  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "van Hasselt et al. 2016, eq. 4";

  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    return math::min(step.q(next, math::min(step.q(next, every_action, as::fixed)).argmax(-1), as::target));
  }
};
static_assert(OneStepBackup<DoubleQBackup>);
}  // namespace tessera
