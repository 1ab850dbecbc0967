#pragma once
#include <tessera/actor/match_flow.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/select/sample.hpp>

namespace tessera {
namespace recipes {
/// The settings of FQL's flow policy.
struct FlowBcDefaults : no_parameters<role::default_values> {
  static void on(FlowParams& h) { h.net.hidden = {512, 512, 512, 512}, h.net.activation = activation::gelu; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Behavior cloning by a flow (Park, Li, Levine 2025, FQL, whose flow policy it is), which keeps every mode of the log.
/// Differs from the authors' code: weights start uniform as in PyTorch, not Xavier's with zero biases.
struct FlowBc : recipe<policy<FlowPolicy>, actor<MatchFlow>, select<Sample>, defaults<FlowBcDefaults>> {};
}  // namespace recipes
using FlowBc = learner<recipes::FlowBc>;
}  // namespace tessera
