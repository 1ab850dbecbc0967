#pragma once
#include <tessera/algorithms/sac.hpp>
#include <tessera/critic/diversified.hpp>
#include <tessera/schedule/schedule.hpp>

namespace tessera {
namespace recipes {
struct SacNDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.net.init = initialization::biased, h.net.last_bound = 1e-3; }
  static constexpr void on(CriticParams& h) {
    h.members = 10, h.net.init = initialization::biased, h.net.last_bound = 3e-3;
  }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// SAC with the minimum of N critics, whose disagreement outside the data acts as a penalty (An et al. 2021).  The
/// temperature steps first, then the actor, then the critics, as in the authors' code.
/// Differs from the paper: two hidden layers (theirs: three); N = 10 unless asked.  Differs from the authors' code: the
/// density of a squashed sample is exact (they add 1e-6 to the slope of tanh).
struct SacN : Sac::with<schedule<TemperatureFirst>, defaults<SacNDefaults>> {};
/// SAC-N with critics that are kept diverse, so that fewer are enough (An et al. 2021).  Differs from the paper, and
/// the code: as SacN.
struct Edac : SacN::with<critic<Diversified<SoftBackup>>> {};
}  // namespace recipes
using SacN = learner<recipes::SacN>;
using Edac = learner<recipes::Edac>;
}  // namespace tessera
