#pragma once
#include <tessera/actor/maximize_average_q.hpp>
#include <tessera/behavior/generator.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/constraint/distillation.hpp>
#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/policy/one_step.hpp>
#include <tessera/schedule/all_together.hpp>
#include <tessera/select/sample.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code.
struct FqlDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {512, 512, 512, 512}, net.activation = activation::gelu, net.norm_epsilon = 1e-6;
  }
  static void on(OneStepParams& h) { network(h.net); }
  static void on(GeneratorParams<FlowParams>& h) { network(h.model.net); }
  static void on(CriticParams& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Flow Q-learning (Park, Li, Levine 2025): a one-step policy that climbs Q, held to a flow of the behavior at equal
/// noise.  constraint.weight is alpha, to be chosen for the task: 3 to 30 000; its unit is Q's.
/// Differs from the authors' code: weights start uniform as in PyTorch, not Xavier's with zero biases; the critics'
/// losses are added up, not averaged, which Adam takes for the same.
struct Fql : recipe<policy<OneStepPolicy>, behavior<Generator<FlowPolicy>>, critic<AveragePolicyBackup>,
                    actor<MaximizeAverageQ>, constraint<Distillation>, select<Sample>, schedule<AllTogether>,
                    defaults<FqlDefaults>> {};
/// Of FqlNormalized.
struct FqlNormalizedDefaults : FqlDefaults {
  using FqlDefaults::on;
  static constexpr void on(MaximizeQ::params& h) { h.normalize = true; }
  static constexpr void on(DistillationParams& h) { h.weight = 1; }
};
/// The same with Q divided by the batch mean of |Q|, so that alpha has no unit: 0.03 to 10, which the authors recommend
/// for new tasks.
struct FqlNormalized : Fql::with<defaults<FqlNormalizedDefaults>> {};
}  // namespace recipes
using Fql = learner<recipes::Fql>;
using FqlNormalized = learner<recipes::FqlNormalized>;
}  // namespace tessera
