#pragma once
#include <tessera/compose/learner.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/critic/double_q_backup.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/select/greedy.hpp>

namespace tessera {
namespace recipes {
struct DiscreteCqlDefaults : no_parameters<role::default_values> {
  static constexpr void on(CriticParams& h) { h.members = 1, h.huber = 1; }
  static constexpr void on(ConservativeParams& h) { h.weight = 1.0; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Conservative Q-learning over discrete actions, on double Q-learning with a Huber loss (Kumar et al. 2020, appendix
/// F; as in d3rlpy).
/// Differs from the paper: expected values in place of quantiles; the online critic selects the next action and its
/// target evaluates it (double Q-learning), where the authors' code takes the target's own best.  Differs from both
/// programs: target networks are Polyak averages in place of a copy every 8 000 steps, which a short run would not
/// reach; Adam at 3e-4 (theirs: 5e-5 and 6.25e-5), batch 256 unless asked (theirs: 32).
struct DiscreteCql : recipe<policy<GreedyPolicy>, critic<Conservative<DoubleQBackup>>, tessera::select<Greedy>,
                            defaults<DiscreteCqlDefaults>> {};
}  // namespace recipes
using DiscreteCql = learner<recipes::DiscreteCql>;
}  // namespace tessera
