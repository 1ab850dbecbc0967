#pragma once
#include <tessera/algorithms/cql.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>

namespace tessera {
namespace recipes {
struct ComboDefaults : CqlDefaults {
  using CqlDefaults::on;
  static constexpr void on(ModelAugmentedParams& h) { h.real_ratio = 0.5; }
};
/// Conservative offline model-based policy optimisation (Yu et al. 2021): CQL whose batches are half imagined, pushed up on logged
/// transitions alone.  Differs from the paper: rho are the states of the mixed batch, as in later code;
/// `Combo::with<critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>>` takes the imagined ones; two hidden layers.
struct Combo : Cql::with<dynamics<GaussianEnsemble>, data<ModelAugmented>, defaults<ComboDefaults>> {};
}  // namespace recipes
using Combo = learner<recipes::Combo>;
}  // namespace tessera
