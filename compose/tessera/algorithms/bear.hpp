#pragma once
#include <tessera/actor/fixed_temperature_maximise_q.hpp>
#include <tessera/behavior/vae.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/lagrange.hpp>
#include <tessera/constraint/mmd.hpp>
#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/select/best_of.hpp>

namespace tessera {
namespace recipes {
struct BearDefaults : no_parameters<role::default_values> {
  static constexpr void on(LagrangeParams& h) {
    h.target = 0.0025, h.least_weight = 0.0067, h.most_weight = 22026, h.multiplier_adam.learning_rate = 1e-3;
  }
};
/// BEAR (Kumar et al. 2019).  Differs from the paper: MMD of squashed actions, its square held at 0.05^2; the multiplier starts
/// at 1; the actor takes the least critic; no warm start without Q (actor.without_q).
struct Bear : recipe<policy<TanhGaussianPolicy>, behavior<Vae>, critic<BestOfPolicyBackup>, actor<FixedTemperatureMaximiseQ>,
                     constraint<Lagrange<Mmd<LaplacianKernel>>>, select<BestOf>, defaults<BearDefaults>> {};
}  // namespace recipes
using Bear = learner<recipes::Bear>;
}  // namespace tessera
