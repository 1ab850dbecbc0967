#pragma once
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/fitted_policy_mean.hpp>

namespace tessera {
namespace recipes {
/// AWAC (Nair et al. 2020).  Differs from the paper: no online phase; observations are standardised.
struct Awac : recipe<policy<GaussianPolicy>, critic<PolicyBackup>, value<PolicyMean>, actor<SoftmaxAdvantageWeighted>> {};
struct DiscreteAwac : Awac::with<policy<CategoricalPolicy>, critic<DiscretePolicyBackup>> {};
/// AWAC whose V is a network.
struct AwacLearnedV : Awac::with<value<FittedPolicyMean>> {};
}  // namespace recipes
using AwacLearnedV = learner<recipes::AwacLearnedV>;
using Awac = learner<recipes::Awac>;
using DiscreteAwac = learner<recipes::DiscreteAwac>;
}  // namespace tessera
