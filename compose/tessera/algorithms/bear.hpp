#pragma once
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code and its commands.
struct BearDefaults : no_parameters<role::default_values> {
  static void on(GaussianParams& h) { h.net.hidden = {400, 300}, h.adam.learning_rate = 1e-3; }
  static void on(CriticParams& h) { h.net.hidden = {400, 300}, h.adam.learning_rate = 1e-3; }
  static void on(Vae::params& h) {
    h.encoder.hidden = h.decoder.hidden = {750, 750}, h.adam.learning_rate = 1e-3, h.pretrain_updates = 0;
  }
  static constexpr void on(FixedTemperatureMaximizeQ::params& h) { h.samples = 5; }
  static constexpr void on(MmdParams& h) { h.samples = 5; }
  static constexpr void on(LagrangeParams& h) {
    h.target = 0.05, h.min_multiplier = 0.0067, h.max_multiplier = 22026, h.multiplier_adam.learning_rate = 1e-3;
  }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// BEAR (Kumar et al. 2019).  Differs from the authors' code: no warm start without Q (actor.warmup_updates; theirs
/// lasts 20 evaluations, 20 000 updates in their commands); the MMD is computed between squashed actions; the policy's
/// M actions per state are sampled separately for Q and for the MMD, from normals that are not clipped at +-0.5; log
/// sigma in [-5, 2]; the multiplier starts at 1, theirs at the exponential of a standard normal; at test time the
/// minimum of the critics selects the action, theirs: the first critic; batch 256 unless asked (theirs: 100).
struct Bear
    : recipe<policy<TanhGaussianPolicy>, behavior<Vae>, critic<BestOfPolicyBackup>, actor<FixedTemperatureMaximizeQ>,
             constraint<Lagrange<Mmd<LaplacianKernel>>>, select<BestOf>, defaults<BearDefaults>> {};
}  // namespace recipes
using Bear = learner<recipes::Bear>;
}  // namespace tessera
