#pragma once
#include <tessera/actor/match_flow.hpp>
#include <tessera/algorithms/ifql.hpp>
#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/select/sample.hpp>

namespace tessera {
namespace recipes {
/// The settings of FQL's networks; V as the mean of Q over the log's actions.
struct FawacDefaults : IfqlDefaults {
  using IfqlDefaults::on;
  static void on(Expectile::params& h) { IfqlDefaults::on(h), h.tau = 0.5; }
  static constexpr void on(AdvantageWeighted::params& h) { h.beta = 3; }
};
/// Flow advantage-weighted actor-critic (Park, Li, Levine 2025, FQL, section 5): a flow that is matched to the logged
/// actions by weights exp(beta A), at most 100, with a critic of its own actions and V the mean of Q over the log's.
/// actor.beta is to be chosen for the task: 0.3, 1 or 3; its unit is 1 / Q's.
/// Differs from the authors' code: two critics, whose mean is the target's (theirs, as it was carried over to QAM: ten,
/// their mean less half their deviation); V and A are of the least target critic (theirs: of the mean); weights start
/// uniform as in PyTorch, not Xavier's with zero biases.
struct Fawac : Ifql::with<critic<AveragePolicyBackup>, actor<AdvantageWeightedFlow>, tessera::select<Sample>,
                          defaults<FawacDefaults>> {};
}  // namespace recipes
using Fawac = learner<recipes::Fawac>;
}  // namespace tessera
