#pragma once
#include <tessera/algorithms/td3.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/cloning_penalized.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code for locomotion.
struct ReBracDefaults : Td3Defaults {
  using Td3Defaults::on;
  static void on(DeterministicPolicy::params& h) { authors(h.net, 1e-3), h.adam.learning_rate = 1e-3; }
  static void on(CriticParams& h) { authors(h.net, 3e-3), h.net.layer_norm = true, h.adam.learning_rate = 1e-3; }
  static constexpr void on(MaximizeQ::params& h) { h = {.alpha = 1.0, .normalize = true}; }
  static constexpr void on(SquaredError::params& h) { h.weight = 0.01; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }

 private:
  static void authors(MlpOptions& h, double last_bound) {
    h.hidden = {256, 256, 256}, h.norm_last = true, h.norm_epsilon = 1e-6, h.init = initialization::biased,
    h.last_bound = last_bound;
  }
};
/// ReBRAC (Tarasov et al. 2023).  Differs from the paper: batch 256 unless asked (locomotion: 1024); one set of
/// hyper-parameters for all tasks, including the weights of the penalties.  Differs from the authors' code: the target
/// policy follows the policy as it is after its step, not before (schedule<Order<stage::critic, stage::targets,
/// stage::actor>> is theirs); if the log has no next action, none is penalized.
struct ReBrac : Td3::with<critic<CloningPenalized<SmoothedPolicyBackup>>, actor<MaximizeMinQ>,
                          constraint<SummedSquaredError>, defaults<ReBracDefaults>> {};
}  // namespace recipes
using ReBrac = learner<recipes::ReBrac>;
}  // namespace tessera
