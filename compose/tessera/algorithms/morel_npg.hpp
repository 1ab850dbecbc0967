#pragma once
#include <tessera/actor/natural_policy_gradient.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/data/model_rollouts.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/value/rollout_baseline.hpp>

namespace tessera {
namespace recipes {
struct MorelNpgDefaults : no_parameters<role::default_values> {
  static void on(GaussianParams& h) {
    h.net.hidden = {64, 64}, h.net.activation = activation::tanh, h.adam.learning_rate = 1e-3, h.log_std_min = -1;
  }
  static void on(NaturalPolicyGradient::params& h) { h.cloning_steps = 2000; }
};
/// MOReL with its own planner, natural policy gradient on rollouts in the pessimistic model (Kidambi et al. 2020).
/// Differs from the paper: the members are probabilistic, and their disagreement is that of their means; the reward is
/// learned; gamma is .99 (theirs: .999), and rollouts have at most 200 steps (theirs: 500 to 700); observations are
/// standardized; log sigma begins at 0 (theirs: -.25); see also the parts.
struct MorelNpg : recipe<policy<GaussianPolicy>, value<RolloutBaseline>, actor<NaturalPolicyGradient>,
                         dynamics<GaussianEnsemble>, uncertainty<HaltAbove<Disagreement>>, data<ModelRollouts>,
                         schedule<ActorFirst>, defaults<MorelNpgDefaults>> {};
}  // namespace recipes
using MorelNpg = learner<recipes::MorelNpg>;
}  // namespace tessera
