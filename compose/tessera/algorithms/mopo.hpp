#pragma once
#include <tessera/algorithms/sac.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>

namespace tessera {
namespace recipes {
struct MopoDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(SoftMaximizeQ::params& h) { h.adam.learning_rate = 1e-4; }
};
/// Model-based offline policy optimization (Yu et al. 2020), with the step sizes of OfflineRL-Kit.
/// Differs from the paper, and the authors' code: policy and temperature learn at 1e-4 (theirs: 3e-4); H = -d (theirs:
/// -3 unless the task has another); rollouts of 5 steps (theirs: 1 or 5, by task), 10 000 at a time (theirs: 50 000),
/// sized for a CPU; observations are standardized; log sigma >= -5 (theirs: -20); the model's weights and biases begin
/// uniform in +-1/sqrt(fan in) (theirs: a truncated normal of half that deviation; zero); see also GaussianEnsemble.
/// Differs from OfflineRL-Kit: the temperature is not bounded (there at most 1: actor.max_temperature); the actor's
/// step size does not decay (there by a cosine over the run); the density of a squashed sample is exact (there 1e-6 is
/// added to the slope of tanh).
struct Mopo : Sac::with<dynamics<GaussianEnsemble>, uncertainty<SoftPenalty<MaxStd>>, data<ModelAugmented>,
                        defaults<MopoDefaults>> {};
/// The same with the members' disagreement as the uncertainty: on a deterministic task the predicted standard deviation
/// says little about what the data do not cover (Lu et al. 2022).
struct MopoDisagreement : Mopo::with<uncertainty<SoftPenalty<Disagreement>>> {};
}  // namespace recipes
using Mopo = learner<recipes::Mopo>;
using MopoDisagreement = learner<recipes::MopoDisagreement>;
}  // namespace tessera
