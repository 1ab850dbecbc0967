#pragma once
#include <tessera/actor/match_noise.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/diffusion.hpp>
#include <tessera/select/sample.hpp>

namespace tessera {
namespace recipes {
/// The settings of IDQL's behavior model.
struct DiffusionBcDefaults : no_parameters<role::default_values> {
  static constexpr void on(DiffusionParams& h) {
    h.adam.weight_decay = 1e-4, h.adam.cosine_steps = of_the_run, h.average = 0.001;
  }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Behavior cloning by a diffusion (Ho et al. 2020), with the network, schedule and settings of IDQL's (Hansen-Estruch
/// et al. 2023), which keeps every mode of the log.
/// Differs from the authors' code: no dropout (theirs: 0.1); weights start uniform as in PyTorch; the step size decays
/// over the run (theirs: 3 000 000 updates); batch 256 unless asked (512).
struct DiffusionBc : recipe<policy<DiffusionPolicy>, actor<MatchNoise>, select<Sample>, defaults<DiffusionBcDefaults>> {
};
}  // namespace recipes
using DiffusionBc = learner<recipes::DiffusionBc>;
}  // namespace tessera
