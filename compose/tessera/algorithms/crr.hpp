#pragma once
#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/binary_weighted.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/policy_mean.hpp>

namespace tessera {
namespace recipes {
struct CrrDefaults : no_parameters<role::default_values> {
  static constexpr void on(AdvantageWeighted::params& h) { h = {.beta = 1.0, .max_weight = 20.0}; }
  static constexpr void on(PolicyMean::params& h) { h.samples = 4; }
};
/// Critic-regularized regression with exponential weights (Wang et al. 2020).
/// Differs from the paper: the minimum of two expected-value critics, in place of a distributional one; target networks
/// are Polyak averages, theirs are copied every 100 updates; one Gaussian, theirs a mixture of several; it acts by the
/// mode, theirs by a sample that the critic resamples (select<BestOf> is the nearest here); networks of 2x256, batches
/// of 256 and step sizes of 3e-4; observations are standardized.
struct Crr : recipe<policy<GaussianPolicy>, critic<TargetPolicyBackup>, value<PolicyMean>, actor<AdvantageWeighted>,
                    defaults<CrrDefaults>> {};
/// The same with binary weights: imitates every action that is better than the state's value.
struct CrrBinary : Crr::with<actor<BinaryWeighted>> {};
}  // namespace recipes
using Crr = learner<recipes::Crr>;
using CrrBinary = learner<recipes::CrrBinary>;
}  // namespace tessera
