#pragma once
#include <tessera/critic/params.hpp>

namespace tessera {
/// Backup of a state value:
///   y = r + gamma m V(s');   minimize sum_i E (Q_i(s,a) - y)^2
/// No action is sampled.  V is the value slot's estimate, after its update in this step.
/// Source: Kostrikov et al. 2021 (IQL), equation 6.
struct ValueBackup : OneStep<ValueBackup> {
  using needs = all_of<need<value, want::value_of_states>>;
  static constexpr const char* formula = "y = r + gamma m V(s');  sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Kostrikov et al. 2021, eq. 6";
  static constexpr bool in_sample = true;

  template <class Step>
  static typename Step::tensor next_value(const params&, Step& step) {
    return step.value(next);
  }
};
static_assert(OneStepBackup<ValueBackup>);
}  // namespace tessera
