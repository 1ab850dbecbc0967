#pragma once
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/fitted_policy_mean.hpp>

namespace tessera {
namespace recipes {
/// AWAC (Nair et al. 2020).
/// Differs from the authors' code: no online phase; beta is 1, theirs 1/2 (Gym); the policy's network is 2x256 without
/// decay, theirs 4x256 with a weight decay of 1e-4; its log sigma is clipped to [-5, 2] from 0 on, theirs is held in
/// [-6, 0] by a sigmoid (SigmoidStdGaussianPolicy); a sample is clipped to [-1, 1] before a critic sees it; the
/// advantage is that of the critics after their step; batches of 256, theirs of 1024; observations are standardized;
/// where the task is not known, the least and largest logged actions are the bounds.
struct Awac : recipe<policy<GaussianPolicy>, critic<PolicyBackup>, value<PolicyMean>, actor<SoftmaxAdvantageWeighted>> {
};
/// The same for discrete actions, means being exact sums.  Ours: the paper has none.
struct DiscreteAwac : Awac::with<policy<CategoricalPolicy>> {};
/// AWAC whose V is a network, fitted to the target critics.  Ours.
struct AwacLearnedV : Awac::with<value<FittedPolicyMean>> {};
}  // namespace recipes
using AwacLearnedV = learner<recipes::AwacLearnedV>;
using Awac = learner<recipes::Awac>;
using DiscreteAwac = learner<recipes::DiscreteAwac>;
}  // namespace tessera
