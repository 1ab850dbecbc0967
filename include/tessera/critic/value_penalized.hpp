#pragma once
#include <type_traits>

#include <tessera/concepts/actor.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
/// A backup with the constraint's penalty at the next state, so that the policy avoids states in which it would have to
/// leave the data:
///   y = r + gamma m (v' - alpha D(s')),   v' as in Backup
/// alpha D is the constraint's, with the same coefficient as in the actor.  The target has no gradient.
/// A backup without an action of the policy (ValueBackup) has nothing to penalize.
/// Source: Wu et al. 2019 (BRAC), equation 5 ("value penalty").
template <class Backup>
struct ValuePenalized : Backup {
  using params = typename Backup::params;
  using needs =
      extended_needs<typename Backup::needs, need<critic, want::plain_backup_in<ValuePenalized, Backup>>,
                     need<critic, want::backup_of_policy_actions>, need<constraint, want::divergence_at_states>>;
  static constexpr const char* formula =
      "y = r + gamma m (v' - alpha D(s')), v' as in the wrapped backup, alpha D the constraint's";
  static constexpr const char* source = "Wu et al. 2019, eq. 5";

  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    return Backup::next_value(h, step) - step.penalty(next);
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return td_loss<ValuePenalized>(h, step);
  }
};
}  // namespace tessera
