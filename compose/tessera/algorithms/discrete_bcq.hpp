#pragma once
#include <tessera/behavior/categorical_support.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/supported_double_q_backup.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/select/supported_greedy.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code for tasks without images.
struct DiscreteBcqDefaults : no_parameters<role::default_values> {
  static constexpr void on(CriticParams& h) { h.members = 1, h.huber = 1; }
  static constexpr void on(DensityParams<CategoricalPolicy::params>& h) { h.pretrain_updates = 0; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Batch-constrained Q-learning over discrete actions (Fujimoto et al. 2019b).
/// Differs from the paper: fully connected networks, separate ones for Q and the behavior policy; target networks are
/// Polyak averages in place of a copy every 8 000 steps.  Differs from the authors' code for such tasks: batch 256
/// unless asked (theirs: 64).
struct DiscreteBcq : recipe<policy<GreedyPolicy>, behavior<CategoricalSupport>, critic<SupportedDoubleQBackup>,
                            tessera::select<SupportedGreedy>, schedule<BehaviorLast>, defaults<DiscreteBcqDefaults>> {};
}  // namespace recipes
using DiscreteBcq = learner<recipes::DiscreteBcq>;
}  // namespace tessera
