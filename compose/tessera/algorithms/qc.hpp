#pragma once
#include <tessera/actor/match_flow.hpp>
#include <tessera/compose/learner.hpp>
#include <tessera/critic/average_best_of_backup.hpp>
#include <tessera/critic/chunk_backup.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/policy/chunked.hpp>
#include <tessera/policy/flow.hpp>
#include <tessera/schedule/all_together.hpp>
#include <tessera/select/best_of_average.hpp>

namespace tessera {
namespace recipes {
/// The settings of the authors' code.
struct QcDefaults : no_parameters<role::default_values> {
  static void network(MlpOptions& net) {
    net.hidden = {512, 512, 512, 512}, net.activation = activation::gelu, net.norm_epsilon = 1e-6;
  }
  static void on(FlowParams& h) { network(h.net); }
  static void on(CriticParams& h) { network(h.net), h.net.layer_norm = h.net.norm_last = true; }
  static constexpr void on(OfflineParams& h) { h.standardize = false; }
};
/// Q-chunking (Li, Zhou, Levine 2025): a flow of the log's chunks of h = data.steps actions, and a critic of chunks.
/// What is done, one action after the other, is the best of 32 of the flow's chunks, and targets are of such ones.  A
/// chunk that goes across an episode's end does not train the critic, and the flow by its part before that.
/// Differs from the authors' code: weights start uniform as in PyTorch, not Xavier's with zero biases; the critics'
/// losses are added up, not averaged, which Adam takes for the same; the last h - 1 transitions of the log are drawn
/// too; actions behind an episode's end are 0 in the flow's input, not the next episode's; and online an episode is
/// learned from once it is over.
struct Qc : recipe<policy<Chunked<FlowPolicy>>, critic<ChunkBackup<AverageBestOfBackup>>, actor<MatchFlow>,
                   select<BestOfAverage>, data<ChunkTransitions>, schedule<AllTogether>, defaults<QcDefaults>> {};
}  // namespace recipes
using Qc = learner<recipes::Qc>;
}  // namespace tessera
