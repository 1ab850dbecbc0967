#pragma once
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/sac.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/schedule/schedule.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code for locomotion (cql_mujoco_new.py and its networks) that are set here.
struct CqlDefaults : no_parameters<role::default_values> {
  static constexpr void on(GaussianParams& h) {
    h.net.init = initialization::biased, h.net.last_bound = 1e-3, h.adam.learning_rate = 1e-4;
  }
  static constexpr void on(CriticParams& h) { h.net.init = initialization::biased, h.net.last_bound = 3e-3; }
  static constexpr void on(SoftBackupParams& h) { h.entropy = false; }
  static constexpr void on(SoftMaximizeQ::params& h) { h.adam.learning_rate = 1e-4; }
};
/// Conservative Q-learning, CQL(H) (Kumar et al. 2020).  The losses of the actor and the critics are computed together,
/// before any network takes its step; `CqlLagrange` has the multiplier.
/// Differs from the paper: two hidden layers (theirs: three); observations are standardized; no warm start by cloning
/// (theirs: 40 000 updates).  Differs from the authors' code: the actor's loss uses the temperature before its step
/// (theirs: after it; CORL's: before); hidden weights begin within 1/sqrt(fan in) (theirs: fan out); the density of a
/// squashed sample is exact (they add 1e-6 to the slope of tanh); with T other than 1, log-densities are not divided by
/// T (theirs are, which gives another integral).
struct Cql : Sac::with<critic<Conservative<SoftBackup>>, schedule<AllAtOnce>, defaults<CqlDefaults>> {};

/// The threshold and the initial weight that the authors' program runs with.
struct CqlLagrangeDefaults : CqlDefaults {
  using CqlDefaults::on;
  static constexpr void on(ConservativeParams& h) { h.weight = 1.0; }
  static constexpr void on(LagrangeParams& h) { h.target = 5.0; }
};
/// The same with the gap held at a target by a Lagrange multiplier (Kumar et al. 2020, section 3.3), which starts at 1.
/// The target 5 is the one on cql_mujoco_new.py's command line, which overrides the 10 in its table of settings.  The
/// gap has a lower bound: log K + d log 2 minus how much narrower the behavior policy is than uniform; a target below
/// it is never met, and the multiplier grows without bound.
/// Differs from the paper, and the code: as Cql; the multiplier is at least 1e-6 (theirs: 0).
struct CqlLagrange : Cql::with<critic<Lagrange<Conservative<SoftBackup>>>, defaults<CqlLagrangeDefaults>> {};
/// Without the term that raises Q on logged actions: Q is a lower bound of the policy's value at every pair (Kumar et
/// al. 2020,
/// equation 1).
struct CqlLowerBound : Cql::with<critic<Conservative<SoftBackup, CurrentPolicy, NoPushUp>>> {};
}  // namespace recipes
using Cql = learner<recipes::Cql>;
using CqlLagrange = learner<recipes::CqlLagrange>;
using CqlLowerBound = learner<recipes::CqlLowerBound>;
}  // namespace tessera
