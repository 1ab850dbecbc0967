#pragma once
#include <tessera/algorithms/mopo.hpp>
#include <tessera/uncertainty/next_value_std.hpp>

namespace tessera {
namespace recipes {
struct MobileDefaults : MopoDefaults {
  using MopoDefaults::on;
  static constexpr void on(GaussianParams& h) { MopoDefaults::on(h), h.adam.cosine_steps = of_the_run; }
  static constexpr void on(SoftBackupParams& h) { h.entropy = false; }
  static constexpr void on(SoftMaximizeQ::params& h) { MopoDefaults::on(h), h.max_temperature = 1; }
};
/// Model-Bellman inconsistency (Sun et al. 2023).  The target has no entropy term, the temperature is at most 1, and
/// the actor's step size decays over the run, as in the authors' code.
/// Differs from the authors' code: observations are standardized; targets are not clipped at zero, which would assume
/// nonnegative rewards; 10 000 rollouts at a time (theirs: 50 000), of 5 steps (theirs: 1 or 5, by task); the step size
/// decays at every update (theirs: every 1000); the density of a squashed sample is exact (they add 1e-6 to the slope
/// of tanh).
struct Mobile : Mopo::with<uncertainty<NextValueStd>, defaults<MobileDefaults>> {};
}  // namespace recipes
using Mobile = learner<recipes::Mobile>;
}  // namespace tessera
