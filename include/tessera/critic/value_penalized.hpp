#pragma once
#include <type_traits>

#include <tessera/concepts/actor.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// A backup that charges the constraint at the next state too, so that the policy keeps away from states where it would have
/// to leave the data:
///   y = r + gamma m (v' - alpha D(s')),   v' as in Backup
/// alpha D is the constraint's, with the same coefficient as in the actor.  The target has no gradient.
/// A backup that asks no policy for an action (ValueBackup) has nothing to charge.
/// Source: Wu et al. 2019 (BRAC), equation 5 ("value penalty").
template <class Backup>
struct ValuePenalised : Backup {
  using params = typename Backup::params;
  using needs_ = with_needs<typename Backup::needs_, need<critic, want::unpressed_backup_in<ValuePenalised, Backup>>,
                           need<critic, want::backup_of_policy_actions>, need<constraint, want::divergence_at_states>>;
  static constexpr const char* formula = "y = r + gamma m (v' - alpha D(s')), v' as in the wrapped backup, alpha D the constraint's";
  static constexpr const char* source = "Wu et al. 2019, eq. 5";

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    return Backup::next_value(h, step) - step.penalty(next);
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return td_loss<ValuePenalised>(h, step);
  }
};
}  // namespace tessera
