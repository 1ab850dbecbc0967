#pragma once
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/critic/conservative.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code.
struct CqlDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) { h.adam.learning_rate = 1e-4; }
  static constexpr void on(SoftBackupParams& h) { h.entropy = false; }
};
/// Conservative Q-learning, CQL(H) (Kumar et al. 2020).  Differs from the paper: two hidden layers; no warm start by cloning;
/// `Sac::with<critic<Lagrange<Conservative<SoftBackup>>>>` has the multiplier.
struct Cql : Sac::with<critic<Conservative<SoftBackup>>, defaults<CqlDefaults>> {};
/// The same with the gap held at a target by a multiplier (Kumar et al. 2020, section 3.3).
struct CqlLagrange : Cql::with<critic<Lagrange<Conservative<SoftBackup>>>> {};
/// Without the push-up on logged actions: Q bounds the policy's value from below at every pair (Kumar et al. 2020, equation 1).
struct CqlLowerBound : Cql::with<critic<Conservative<SoftBackup, ThePolicy, NoPushUp>>> {};
}  // namespace recipes
using Cql = learner<recipes::Cql>;
using CqlLagrange = learner<recipes::CqlLagrange>;
using CqlLowerBound = learner<recipes::CqlLowerBound>;
}  // namespace tessera
