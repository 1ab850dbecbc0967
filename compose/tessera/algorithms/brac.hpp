#pragma once
#include <tessera/algorithms/reverse_kl_actor_critic.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/critic/value_penalised.hpp>

namespace tessera {
namespace recipes {
struct BracDefaults : no_parameters<role::default_values> {};
/// BRAC with the divergence in the actor (Wu et al. 2019): policy regularisation, KL in its primal form.
/// Differs from the paper: one set of hyper-parameters for all tasks; the behaviour's model is trained beside.
struct BracP : ReverseKlActorCritic::with<defaults<BracDefaults>> {};
/// BRAC with the divergence in the backup too (Wu et al. 2019): value penalty.  Differs from the paper: as BracP.
struct BracV : BracP::with<critic<ValuePenalised<PolicyBackup>>> {};
/// BRAC-v with KL in its dual form, from samples alone; no model of the behaviour.
struct BracVDual : recipe<policy<TanhGaussianPolicy>, critic<ValuePenalised<PolicyBackup>>, actor<FixedTemperatureMaximiseQ>, constraint<DualKl>> {};
}  // namespace recipes
using BracP = learner<recipes::BracP>;
using BracV = learner<recipes::BracV>;
using BracVDual = learner<recipes::BracVDual>;
}  // namespace tessera
