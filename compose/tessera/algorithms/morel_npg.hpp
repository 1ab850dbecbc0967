#pragma once
#include <tessera/actor/natural_policy_gradient.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/data/model_paths.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/uncertainty/halt_above.hpp>
#include <tessera/value/path_baseline.hpp>

namespace tessera {
namespace recipes {
struct MorelNpgDefaults : no_parameters<role::default_values> {
  static void on(GaussianParams& h) { h.net.hidden = {64, 64}, h.net.activation = activation::tanh, h.adam.learning_rate = 1e-3, h.log_std_min = -1; }
};
/// Model-based offline RL with its planner, natural policy gradient on paths in the pessimistic model (Kidambi et al. 2020).
struct MorelNpg : recipe<policy<GaussianPolicy>, value<PathBaseline>, actor<NaturalPolicyGradient>, dynamics<GaussianEnsemble>,
                         uncertainty<HaltAbove<Disagreement>>, data<ModelPaths>, schedule<ActorFirst>, defaults<MorelNpgDefaults>> {};
}  // namespace recipes
using MorelNpg = learner<recipes::MorelNpg>;
}  // namespace tessera
