#pragma once
#include <tessera/algorithms/sac.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>
#include <tessera/uncertainty/soft_penalty.hpp>

namespace tessera {
namespace recipes {
struct MopoDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(SoftMaximiseQ::params& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Model-based offline policy optimisation (Yu et al. 2020).
/// Differs from the paper: fewer and shorter-lived branches, sized for a CPU; observations are standardised; log sigma >= -5.
struct Mopo : Sac::with<dynamics<GaussianEnsemble>, uncertainty<SoftPenalty<MaxStd>>, data<ModelAugmented>, defaults<MopoDefaults>> {};
/// The same where doubt is how far the members are apart: on a task without noise of its own the predicted deviation says little of what
/// the data do not tell (Lu et al. 2022).
struct MopoDisagreement : Mopo::with<uncertainty<SoftPenalty<Disagreement>>> {};
}  // namespace recipes
using Mopo = learner<recipes::Mopo>;
using MopoDisagreement = learner<recipes::MopoDisagreement>;
}  // namespace tessera
