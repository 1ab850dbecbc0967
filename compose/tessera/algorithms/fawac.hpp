#pragma once
#include <tessera/actor/match_flow.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/value/expectile.hpp>

namespace tessera {
namespace recipes {
/// The settings of FQL's code, whose baseline it is.
struct FawacDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {512, 512, 512, 512}, net.activation = activation::gelu, net.norm_epsilon = 1e-6;
  }
  static void on(FlowParams& h) { network(h.net); }
  static void on(CriticParams& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true; }
  static void on(Expectile::params& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true, h.tau = 0.5; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Flow advantage-weighted actor-critic (Park, Li, Levine 2025, section 5): a flow fitted to the log's actions by
/// weights of their advantage, exp(beta A), and critics of the flow's own actions.
/// Differs from the paper: weights start uniform as in PyTorch, not Xavier's with zero biases; V is the mean of the
/// least of two target critics at the log's actions.
struct Fawac : recipe<policy<FlowPolicy>, critic<AveragePolicyBackup>, value<Expectile>, actor<AdvantageWeightedFlow>,
                      select<Sample>, defaults<FawacDefaults>> {};
}  // namespace recipes
using Fawac = learner<recipes::Fawac>;
}  // namespace tessera
