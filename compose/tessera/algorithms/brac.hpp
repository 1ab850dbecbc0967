#pragma once
#include <tessera/algorithms/reverse_kl_actor_critic.hpp>
#include <tessera/constraint/dual_kl.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/critic/value_penalized.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code and its commands, except where the recipes say otherwise.
struct BracDefaults : no_parameters<role::default_values> {
  static void on(GaussianParams& h) { h.net.hidden = {200, 200}, h.log_std_max = 0; }
  static void on(DensityParams<GaussianParams>& h) { on(h.model), h.model.adam.learning_rate = 5e-4; }
  static void on(CriticParams& h) { h.net.hidden = {300, 300}, h.adam.learning_rate = 1e-3; }
  static void on(DualKlParams& h) { h.net.hidden = {300, 300}, h.adam.learning_rate = 1e-3; }
  static constexpr void on(FixedTemperatureMaximizeQ::params& h) { h.warmup_updates = 20'000; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// BRAC with the divergence in the actor (Wu et al. 2019): policy regularization, with KL in its primal form.  The
/// actor ignores Q in its first 20 000 updates (actor.warmup_updates, the authors' number): a shorter run only clones
/// the behavior policy.
/// Differs from the paper: one set of hyper-parameters for all tasks (constraint.weight 1; the authors' command has
/// 0.1).  Differs from the authors' code: the behavior model is trained alone in 1 000 updates
/// (behavior.pretrain_updates) and then along with the rest, theirs is trained for 300 000, with an entropy bonus, and
/// then kept; log b is bounded below by constraint.log_floor; log sigma is clipped at its bounds -5 and 0, not squashed
/// between them.
struct BracP : ReverseKlActorCritic::with<defaults<BracDefaults>> {};
/// BRAC with the divergence in the backup too (Wu et al. 2019): value penalty.  Differs from the paper: as BracP.
struct BracV : BracP::with<critic<ValuePenalized<PolicyBackup>>> {};
/// BRAC-v with KL in its dual form, from samples alone, without a behavior model.  Its warm start is that of BracP.
/// Differs from the paper: one set of hyper-parameters for all tasks (constraint.weight 1 and a policy learning rate of
/// 3e-4; the authors' command has 10 and 3e-6).  Differs from the authors' code: log sigma as in BracP.
struct BracVDual : recipe<policy<TanhGaussianPolicy>, critic<ValuePenalized<PolicyBackup>>,
                          actor<FixedTemperatureMaximizeQ>, constraint<DualKl>, defaults<BracDefaults>> {};
}  // namespace recipes
using BracP = learner<recipes::BracP>;
using BracV = learner<recipes::BracV>;
using BracVDual = learner<recipes::BracVDual>;
}  // namespace tessera
