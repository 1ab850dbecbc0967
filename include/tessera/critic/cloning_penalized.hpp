#pragma once
#include <tessera/concepts/critic.hpp>
#include <tessera/critic/params.hpp>

namespace tessera {
namespace want {
struct backup_of_one_action {
  template <class T>
  static constexpr bool met = ActionBackup<T>;
  using remedy = try_<PolicyBackup>;
};
}  // namespace want

/// Hyper-parameter of CloningPenalized.
struct CloningPenaltyParams {
  double cloning = 0.01;

  static constexpr doc docs[] = {
      {"cloning", "beta_2, units of Q per squared distance, actions scaled to [-1, 1] (ReBRAC: 0.001 to 0.5)", 0}};
};

/// A backup with a penalty on the distance of its action from the log's next action:
///   y = r + gamma m (v'(a') - beta_2 sum_j (a'_j - a'_D,j)^2),   a' and v' as in Backup
/// Where the log ends after s', the penalty is 0.  The target has no gradient.
/// Source: Tarasov et al. 2023 (ReBRAC), equation 4.
template <class Backup>
struct CloningPenalized : Backup {
  using params = joined<typename Backup::params, CloningPenaltyParams>;
  using needs = extended_needs<typename Backup::needs, need<critic, want::plain_backup_in<CloningPenalized, Backup>>,
                               need<critic, want::backup_of_one_action>, need<policy, want::continuous_policy>,
                               need<data, want::logged_transitions_alone>>;
  static constexpr const char* formula =
      "y = r + gamma m (v'(a') - beta_2 sum_j (a'_j - a'_D,j)^2), a' and v' as in the wrapped backup";
  static constexpr const char* source = "Tarasov et al. 2023, eq. 4";
  using reads = columns<column::next_action, column::next_action_known>;

  template <class Step>
    requires ActionBackup<Backup>
  static typename Step::tensor next_value(const params& h, Step& step, const typename Step::tensor& a) {
    return Backup::next_value(h, step, a) -
           h.cloning * step.next_action_known() * (a - step.next_action()).square().sum(-1);
  }
  template <class Step>
  static typename Step::tensor next_value(const params& h, Step& step) {
    return next_value(h, step, Backup::next_action(h, step));
  }
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    return td_loss<CloningPenalized>(h, step);
  }
};
}  // namespace tessera
