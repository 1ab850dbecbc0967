#pragma once
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/log_behavior_reward.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

namespace tessera {
namespace recipes {
struct RewardKlDefaults : no_parameters<role::default_values> {
  static constexpr void on(FixedTemperatureMaximizeQ::params& h) { h.temperature = 1.0; }
};
/// KL-regularized reinforcement learning as a maximum-entropy problem: SAC at a fixed temperature on r + alpha log
/// b(a|s).
/// Differs from a paper: derived here (see LogBehaviorReward).
struct RewardKl
    : recipe<policy<TanhGaussianPolicy>, behavior<Density<TanhGaussianPolicy>>, critic<LogBehaviorReward<SoftBackup>>,
             actor<FixedTemperatureMaximizeQ>, defaults<RewardKlDefaults>> {};
struct DiscreteRewardKl : RewardKl::with<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>,
                                         critic<LogBehaviorReward<SoftBackup>>> {};
}  // namespace recipes
using RewardKl = learner<recipes::RewardKl>;
using DiscreteRewardKl = learner<recipes::DiscreteRewardKl>;
}  // namespace tessera
