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
/// Differs from the authors' code: no online phase; beta is 1, theirs 1/2 (Gym); the policy network is 2x256 without
/// weight decay, theirs 4x256 with a weight decay of 1e-4; its log sigma is learned within [-5, 2] from 0 on, theirs is
/// kept in [-6, 0] by a sigmoid (SigmoidStdGaussianPolicy); a sampled action is clipped to [-1, 1] before a critic sees
/// it; the advantage uses the critics after their step; batches of 256, theirs of 1024; observations are standardized;
/// if the task is not known, the smallest and largest logged actions are the bounds.
struct Awac : recipe<policy<GaussianPolicy>, critic<PolicyBackup>, value<PolicyMean>, actor<SoftmaxAdvantageWeighted>> {
};
/// The same for discrete actions, with exact expectations.  Not in the paper.
struct DiscreteAwac : Awac::with<policy<CategoricalPolicy>> {};
/// AWAC whose V is a network, fitted to the target critics.  Not in the paper.
struct AwacLearnedV : Awac::with<value<FittedPolicyMean>> {};
}  // namespace recipes
using AwacLearnedV = learner<recipes::AwacLearnedV>;
using Awac = learner<recipes::Awac>;
using DiscreteAwac = learner<recipes::DiscreteAwac>;
}  // namespace tessera
