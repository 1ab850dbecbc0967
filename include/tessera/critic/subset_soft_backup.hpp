#pragma once
#include <algorithm>
#include <cstdint>

#include <tessera/critic/soft_backup.hpp>

namespace tessera {
/// Hyper-parameter that SubsetSoftBackup adds to those of SoftBackup.
struct SubsetParams {
  std::int64_t subset = 2;

  static constexpr doc docs[] = {
      {"subset", "M, members drawn for each update's target (REDQ: 2; RLPD: 2, mazes 1); all, where there are no more",
       1, 1000},
  };
};

/// Soft backup whose pessimism does not grow with the ensemble: the minimum is over a random subset,
///   y = r + gamma m (min_{i in M} Qbar_i(s', a') - alpha log pi(a'|s')),   a' ~ pi(.|s'),   M of M members, drawn anew
///   minimize sum_i E (Q_i(s,a) - y)^2
/// The subset is drawn for each update, without replacement; all members regress to the same y, which has no gradient.
/// Source: Chen et al. 2021 (REDQ), algorithm 1; Ball et al. 2023 (RLPD), algorithm 1.
/// Differs from the authors' codes: the loss is the sum over members (RLPD's is the mean).
struct SubsetSoftBackup : SoftBackupOf<SubsetSoftBackup, joined<joined<CriticParams, SoftBackupParams>, SubsetParams>> {
  static constexpr const char* formula =
      "y = r + gamma m E_{a'~pi(s')} (min_{i in M} Qbar_i(s',a') - alpha log pi(a'|s')), M random;  "
      "sum_i E (Q_i(s,a) - y)^2";
  static constexpr const char* source = "Chen et al. 2021, algorithm 1";

  template <class Step, class Action>
  static typename Step::tensor least(const params& h, Step& step, const Action& a) {
    if (h.subset >= h.members) return math::min(step.q(next, a, as::target));
    // One row of uniform numbers: the members of the M smallest are a subset without replacement.
    const auto order = step.draw(noise::uniform, h.members, step.state(now).narrow(0, 0, 1)).argsort();
    return math::min(step.q_target_of(order.select(0, 0).narrow(0, 0, h.subset), next, a));
  }
};
static_assert(OneStepBackup<SubsetSoftBackup>);
}  // namespace tessera
