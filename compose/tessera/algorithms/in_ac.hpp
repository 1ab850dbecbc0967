#pragma once
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/behavior/density.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/sigmoid_std_gaussian.hpp>
#include <tessera/value/fitted_policy_mean.hpp>

namespace tessera {
namespace recipes {
struct InAcDefaults : no_parameters<role::default_values> {
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
  template <class P>
  static constexpr void on(DensityParams<P>& h) {
    h.pretrain_updates = 0;
  }
};
/// In-sample actor-critic (Xiao et al. 2023).
/// Differs from the authors' code: networks are initialized as in PyTorch, not by Xavier's rule with zero biases;
/// logged actions are clipped to the task's bounds if the task is known, and otherwise their own smallest and largest
/// are the bounds; a transition cut by a time limit is used if its s' is known.
struct InAc : recipe<policy<SigmoidStdGaussianPolicy>, behavior<Density<SigmoidStdGaussianPolicy>>, critic<SoftBackup>,
                     value<SoftPolicyMean>, actor<InSampleSoftmax>, schedule<ActorLast>, defaults<InAcDefaults>> {};
/// The same for discrete actions.  Differs from the authors' code: initial networks as above; expectations over actions
/// are exact, theirs use one sample each; it acts by the most likely action, theirs by a sample.
struct DiscreteInAc : InAc::with<policy<CategoricalPolicy>, behavior<Density<CategoricalPolicy>>> {};
}  // namespace recipes
using InAc = learner<recipes::InAc>;
using DiscreteInAc = learner<recipes::DiscreteInAc>;
}  // namespace tessera
