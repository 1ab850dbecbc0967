#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <tessera/concepts/wants.hpp>
#include <tessera/data/action_chunks.hpp>

namespace tessera {
namespace want {
/// A policy whose action is a chunk, as it is in the batches.
struct policy_of_chunks {
  template <class T>
  static constexpr bool met = ChunkedPolicy<T>;
  using remedy = try_<Chunked<OneStepPolicy>, Chunked<FlowPolicy>>;
  template <class Got>
  struct of {
    using remedy = try_<Chunked<Got>>;
  };
  template <class Got>
  using in_view_of = std::conditional_t<Policy<Got> && std::is_same_v<space_of<Got>, Continuous>, of<Got>, void>;
};
}  // namespace want

/// Batches of transitions between decisions, where a decision is a chunk of h actions that are done one after the
/// other.  In place of (s, a, r, s', m) a batch has, k of the h steps being of the transition's episode,
///   (s_t, (a_t, ..., a_{t+h-1}), sum_{j<k} gamma^j r_{t+j}, s_{t+k}, gamma^{k-1} m)
/// with zeros for actions behind the episode's end, and column::chunk_valid, (B, h).  A target of one step's form,
/// r + gamma m v(s'), is then that of the whole chunk.  The policy and the critic have chunks, of h d numbers, for
/// actions.
/// Source: Li et al. 2025 (Q-chunking), section 4, and the authors' `sample_sequence`.
/// Differs from the authors' code as ActionChunks does: in what stands behind an episode's end.
struct ChunkTransitions : ActionChunks {
  using params = ActionChunks::params;
  using needs = all_of<need<policy, want::policy_of_chunks>>;
  static constexpr const char* formula =
      "s ~ U(D), with (a_t, ..., a_{t+h-1}) for an action, sum_{j<k} gamma^j r_{t+j}, s_{t+k} and gamma^{k-1} m";
  static constexpr const char* source = "Li et al. 2025, section 4";

  static std::int64_t actions_at_once(const params& h) { return h.steps; }

  /// Throws an Error where no episode has as many steps as a chunk: there would be nothing to learn from.
  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    ActionChunks::prepare(h, data, out);
    std::int64_t longest = 0;
    for (const auto& e : data.episodes) longest = std::max<std::int64_t>(longest, e.transitions);
    if (longest < h.steps && !data.episodes.empty())
      throw Error(data.name + ": its longest episode has " + std::to_string(longest) + " steps, and a chunk has " +
                  std::to_string(h.steps) + "; take shorter chunks (data.steps)");
  }

  /// The batch of an update: a function of (seed, update) alone.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State& own) {
    auto b = ActionChunks::batch(h, replay, seed, update, count, own);
    b.actions = b.template get<column::chunk>(), b.rewards = b.template get<column::n_step_reward>();
    b.next_observations = b.template get<column::n_step_next>();
    // Without a discount nothing behind the chunk counts, whatever stands here.
    if (own.discount > 0) b.not_done = b.template get<column::n_step_bootstrap>() / own.discount;
    return b;
  }
};
static_assert(DecidesChunks<ChunkTransitions> && !DecidesChunks<ActionChunks>);
}  // namespace tessera
