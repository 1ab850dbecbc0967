#pragma once
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/value/fitted_policy_mean.hpp>

namespace tessera {
namespace recipes {
/// In-sample actor-critic (Xiao et al. 2023).  Differs from the paper: the behaviour's model has a head start.
struct InAc : recipe<policy<TanhGaussianPolicy>, behavior<Density<TanhGaussianPolicy>>, critic<SoftBackup>, value<SoftPolicyMean>,
                     actor<InSampleSoftmax>, schedule<ValueFirst>> {};
struct DiscreteInAc : InAc::with<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>, critic<DiscreteSoftBackup>> {};
}  // namespace recipes
using InAc = learner<recipes::InAc>;
using DiscreteInAc = learner<recipes::DiscreteInAc>;
}  // namespace tessera
