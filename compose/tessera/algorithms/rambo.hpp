#pragma once
#include <tessera/algorithms/sac.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/adversarial.hpp>

namespace tessera {
namespace recipes {
struct RamboDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(SoftMaximizeQ::params& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(GaussianEnsembleParams& h) { h.adam.learning_rate = 3e-4; }
  static constexpr void on(ModelAugmentedParams& h) {
    h.real_ratio = 0.5, h.rollout_every = 250, h.rollout_batch = 5000;
  }
};
/// Robust adversarial model-based offline RL (Rigter et al. 2022).
/// Differs from the authors' code: the policy is not cloned first; 5 000 rollouts at a time (theirs: 50 000), of 5
/// steps (theirs: 2 or 5, by task); one adversary weight for all tasks; observations are standardized; log sigma >= -5
/// (theirs: -20); see Adversarial.
struct Rambo : Sac::with<dynamics<Adversarial<GaussianEnsemble>>, data<ModelAugmented>, defaults<RamboDefaults>> {};
}  // namespace recipes
using Rambo = learner<recipes::Rambo>;
}  // namespace tessera
