#pragma once
#include <tessera/actor/maximize_average_q.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/matching_error.hpp>
#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/schedule/all_together.hpp>
#include <tessera/select/sample.hpp>

namespace tessera {
namespace recipes {
/// The settings of FQL's networks.
struct FbracDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {512, 512, 512, 512}, net.activation = activation::gelu, net.norm_epsilon = 1e-6;
  }
  static void on(FlowParams& h) { network(h.net); }
  static void on(CriticParams& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true; }
  static constexpr void on(MatchingErrorParams& h) { h.weight = 10; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Flow behavior-regularized actor-critic (Park, Li, Levine 2025, FQL, section 5): a flow that climbs Q by the gradient
/// through all of its steps, and is held to the log by its matching error.  constraint.weight is alpha, to be chosen
/// for the task: 3 to 300; its unit is Q's.
/// Differs from the authors' code: the loss is alpha times theirs, alpha L_flow - Q, which Adam takes for the same; two
/// critics, whose mean is the target's (theirs, as it was carried over to QAM: ten, their mean less half their
/// deviation); weights start uniform as in PyTorch, not Xavier's with zero biases.
struct Fbrac : recipe<policy<BackpropThroughSteps<FlowPolicy>>, critic<AveragePolicyBackup>, actor<MaximizeAverageQ>,
                      constraint<MatchingError>, select<Sample>, schedule<AllTogether>, defaults<FbracDefaults>> {};
}  // namespace recipes
using Fbrac = learner<recipes::Fbrac>;
}  // namespace tessera
