#pragma once
#include <tessera/algorithms/cql.hpp>
#include <tessera/data/model_augmented.hpp>
#include <tessera/dynamics/gaussian_ensemble.hpp>

namespace tessera {
namespace recipes {
/// The settings of OfflineRL-Kit's COMBO that are set here.
struct ComboDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(SoftBackupParams& h) { h.entropy = false; }
  static constexpr void on(SoftMaximizeQ::params& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(ModelAugmentedParams& h) { h.real_ratio = 0.5; }
};
/// Conservative offline model-based policy optimization (Yu et al. 2021): CQL on batches that are half model rollouts;
/// Q is maximized on logged transitions alone.  Actor, temperature, critics and step sizes as in OfflineRL-Kit.
/// Differs from the paper: rho are the states of the mixed batch, as in later code;
/// `Combo::with<critic<Conservative<SoftBackup, LogSumExp, PushUp, ImaginedStates>>>` takes the imagined ones; two
/// hidden layers (theirs: three); observations are standardized; 10 000 rollouts at a time (theirs: 50 000), sized for
/// a CPU; the model as in Mopo.
/// Differs from OfflineRL-Kit: log-sum-exp is over all K actions of a state (there the result of a reshape is
/// discarded, so that it is over triples of one uniform action, one at s and one at s', followed by the mean over
/// triples); the density of a squashed sample is exact (there 1e-6 is added to the slope of tanh); the actor's step
/// size does not decay (there by a cosine over the run).
struct Combo : Cql::with<dynamics<GaussianEnsemble>, data<ModelAugmented>, schedule<ActorThenTemperature>,
                         defaults<ComboDefaults>> {};
}  // namespace recipes
using Combo = learner<recipes::Combo>;
}  // namespace tessera
