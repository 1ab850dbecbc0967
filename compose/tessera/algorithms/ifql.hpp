#pragma once
#include <tessera/actor/match_flow.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/value_backup.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/schedule/all_together.hpp>
#include <tessera/select/best_of.hpp>
#include <tessera/value/expectile.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code.
struct IfqlDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {512, 512, 512, 512}, net.activation = activation::gelu, net.norm_epsilon = 1e-6;
  }
  static void on(FlowParams& h) { network(h.net); }
  static void on(CriticParams& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true; }
  static void on(Expectile::params& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true, h.tau = 0.9; }
  static constexpr void on(BestOf::params& h) { h.samples = 32; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Implicit flow Q-learning (Park, Li, Levine 2025): a flow of the behavior, IQL's critics, and the best of 32 of the
/// flow's actions.
/// Differs from the authors' code: weights start uniform as in PyTorch, not Xavier's with zero biases.
struct Ifql : recipe<policy<FlowPolicy>, critic<ValueBackup>, value<Expectile>, actor<MatchFlow>, select<BestOf>,
                     schedule<AllTogether>, defaults<IfqlDefaults>> {};
}  // namespace recipes
using Ifql = learner<recipes::Ifql>;
}  // namespace tessera
