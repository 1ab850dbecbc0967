#pragma once
#include <tessera/algorithms/sac.hpp>
#include <tessera/critic/diversified.hpp>

namespace tessera {
namespace recipes {
struct SacNDefaults : no_parameters<role::default_values> {
  static constexpr void on(CriticParams& h) { h.members = 10; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// SAC with the least of N critics, whose disagreement outside the data is a penalty (An et al. 2021).
/// Differs from the paper: two hidden layers; N = 10 unless asked.
struct SacN : Sac::with<defaults<SacNDefaults>> {};
/// SAC-N with critics that are kept diverse, so that fewer do (An et al. 2021).  Differs from the paper: as SacN.
struct Edac : SacN::with<critic<Diversified<SoftBackup>>> {};
}  // namespace recipes
using SacN = learner<recipes::SacN>;
using Edac = learner<recipes::Edac>;
}  // namespace tessera
