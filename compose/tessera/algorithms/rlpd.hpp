#pragma once
#include <tessera/algorithms/redq.hpp>
#include <tessera/data/offline_and_online.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code for locomotion.
struct RlpdDefaults : RedqDefaults {
  using RedqDefaults::on;
  static constexpr void on(CriticParams& h) {
    h.members = 10;
    h.net.layer_norm = true, h.net.norm_epsilon = 1e-6;
  }
  static constexpr void on(SoftMaximizeQ::params& h) { h.target_entropy = -0.5, h.linear = true; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Reinforcement learning with prior data (Ball et al. 2023): online SAC from nothing, whose batches are half the
/// log's, with an ensemble of ten critics with LayerNorm, of which two are each target's pessimism, and twenty updates
/// of the critics for one of the policy, which is one environment step.  Trained by `train_online` with
/// `updates_per_step = 20`.
/// Differs from the paper, and the code: the critics' loss is the sum over members (mean); log sigma >= -5 (-20);
/// weights are PyTorch's (Xavier).
struct Rlpd : Redq::with<data<OfflineAndOnline>, defaults<RlpdDefaults>> {};
}  // namespace recipes
using Rlpd = learner<recipes::Rlpd>;
}  // namespace tessera
