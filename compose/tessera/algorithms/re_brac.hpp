#pragma once
#include <tessera/algorithms/td3.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/critic/cloning_penalised.hpp>

namespace tessera {
namespace recipes {
struct ReBracDefaults : Td3Defaults {
  using Td3Defaults::on;
  static void on(DeterministicPolicy::params& h) { h.net.hidden = {256, 256, 256}, h.adam.learning_rate = 1e-3; }
  static void on(CriticParams& h) { h.net.hidden = {256, 256, 256}, h.net.layer_norm = true, h.adam.learning_rate = 1e-3; }
  static constexpr void on(MaximiseQ::params& h) { h = {.alpha = 1.0, .normalize = true}; }
  static constexpr void on(SquaredError::params& h) { h.weight = 0.01; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// ReBRAC (Tarasov et al. 2023).  Differs from the paper: LayerNorm before the activation; batch 256 unless asked.
struct ReBrac : Td3::with<critic<CloningPenalised<SmoothedPolicyBackup>>, actor<MaximiseLeastQ>, constraint<SummedSquaredError>, defaults<ReBracDefaults>> {};
}  // namespace recipes
using ReBrac = learner<recipes::ReBrac>;
}  // namespace tessera
