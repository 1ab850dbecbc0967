#pragma once
#include <tessera/actor/soft_maximize_mean_q.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/critic/subset_soft_backup.hpp>
#include <tessera/schedule/schedule.hpp>

namespace tessera {
namespace recipes {
struct RedqDefaults : no_parameters<role::default_values> {
  static constexpr void on(CriticParams& h) { h.members = 10; }
  static constexpr void on(Periods& h) { h.actor = 20; }
};
/// Randomized ensembled double Q-learning (Chen et al. 2021): ten critics, of which two, drawn anew, are each target's
/// pessimism; twenty updates of the critics for one of the policy, which climbs the mean of all.
/// Differs from the paper: observations are standardized where there is a log; log sigma >= -5 (-20); H = -1 for each
/// action dimension (a table of MBPO's); weights are PyTorch's (Xavier).
struct Redq : Sac::with<critic<SubsetSoftBackup>, actor<SoftMaximizeMeanQ>, defaults<RedqDefaults>> {};
}  // namespace recipes
using Redq = learner<recipes::Redq>;
}  // namespace tessera
