#pragma once
#include <tessera/critic/params.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/support.hpp>

namespace tessera {
/// Double Q-learning among the actions that the data support, S(s'):
///   a* = argmax_{a' in S(s')} min_i Q_i(s', a'),   y = r + gamma m min_i Qbar_i(s', a*)
///   minimize sum_i E (Q_i(s,a) - y)^2
/// The online critics choose the action, their targets evaluate it; S is the behavior model's.  No policy is used.
/// Source: Fujimoto et al. 2019b (discrete BCQ), and the authors' code; one member is theirs.
struct SupportedDoubleQBackup : OneStep<SupportedDoubleQBackup> {
  using needs = all_of<need<policy, want::discrete_policy>, need<behavior, want::behavior_with_support>>;
  static constexpr const char* formula =
      "y = r + gamma m min_i Qbar_i(s', argmax_{a' in S(s')} min_i Q_i(s',a'));  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Fujimoto et al. 2019b";

  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    const auto a =
        math::supported_argmax(math::min(step.q(next, every_action, as::fixed)), step.behavior_support(next));
    return math::min(step.q(next, a, as::target));
  }
};
static_assert(OneStepBackup<SupportedDoubleQBackup>);
}  // namespace tessera
