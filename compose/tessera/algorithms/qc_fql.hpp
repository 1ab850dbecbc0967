#pragma once
#include <tessera/algorithms/fql.hpp>
#include <tessera/critic/chunk_backup.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/policy/chunked.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code: FQL's, but for alpha.
struct QcFqlDefaults : FqlDefaults {
  using FqlDefaults::on;
  static constexpr void on(DistillationParams& h) { h.weight = 100; }
};
/// Q-chunking with FQL (Li, Zhou, Levine 2025): flow Q-learning in which an action is a chunk of h = data.steps
/// actions, done one after the other.  Targets reach over h steps, without a correction; a chunk that goes across an
/// episode's end does not train the critic, and the flow by its part before that.  constraint.weight is alpha, to be
/// chosen for the task.
/// Differs from the authors' code: weights start uniform as in PyTorch, not Xavier's with zero biases; the critics'
/// losses are added up, not averaged, which Adam takes for the same; the last h - 1 transitions of the log are drawn
/// too; actions behind an episode's end are 0 in the flow's input, not the next episode's; and online an episode is
/// learned from once it is over.
struct QcFql : Fql::with<policy<Chunked<OneStepPolicy>>, behavior<Generator<Chunked<FlowPolicy>>>,
                         critic<ChunkBackup<AveragePolicyBackup>>, data<ChunkTransitions>, defaults<QcFqlDefaults>> {};
}  // namespace recipes
using QcFql = learner<recipes::QcFql>;
}  // namespace tessera
