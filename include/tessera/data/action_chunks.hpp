#pragma once
#include <cstdint>

#include <tessera/data/offline.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Hyper-parameter that ActionChunks adds to those of Offline.
struct ActionChunksParams {
  std::int64_t steps = 5;

  static constexpr doc docs[] = {
      {"steps", "h, how many steps from a transition on a chunk of actions and an n-step return have (QC: 5)", 1,
       10000},
  };
};

/// Batches of transitions, uniform with replacement, each with the h steps of the log from it on:
///   chunk (B, h d), chunk_valid (B, h), n_step_reward (B), n_step_next (B, n), n_step_bootstrap (B)
/// in concepts/columns.hpp, of which k steps are of the transition's episode.  The target of an n-step return is
///   n_step_reward + n_step_bootstrap V(n_step_next)
/// for every row; a critic of whole chunks weights its loss by the last column of chunk_valid, the cloning of chunks by
/// each.  gamma is the learner's: that of the first slot that has one.  Where the task ends and the log goes on (an
/// episode is not cut there), the chunk goes on too, and nothing is bootstrapped behind it.
/// Source: Li et al. 2025 (Q-chunking), section 4, and the authors' `sample_sequence`.
/// Differs from the authors' code behind an episode's end, in what has no weight there: actions are zeros, not the next
/// episode's (a flow of chunks has them in its input), and k < h steps bootstrap by gamma^k from s_{t+k}.  The last
/// h - 1 transitions of the log are drawn too.
struct ActionChunks {
  using role = role::data_source;
  using params = joined<OfflineParams, ActionChunksParams>;
  using needs = all_of<>;
  static constexpr const char* formula =
      "s ~ U(D), with a_t, ..., a_{t+h-1};  sum_{j<k} gamma^j r_{t+j} + gamma^k m V(s_{t+k})";
  static constexpr const char* source = "Li et al. 2025, section 4";
  using reads = columns<column::follows>;
  using brings =
      columns<column::chunk, column::chunk_valid, column::n_step_reward, column::n_step_next, column::n_step_bootstrap>;

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
  }

  static constexpr bool sized_state = true;
  /// The learner's discount; nothing that a checkpoint would hold.
  template <class B>
  struct state {
    double discount = -1;

    template <class Problem>
    state(const params&, const Problem&) {}
    void each(auto&&) {}
  };
  static constexpr bool capturable = true;  // refilling is a number of the host that never changes
  template <class Replay, class At>
  static void refill(const params&, Replay&, At& at) {
    at.with_step({}, 0, [&](auto& step) { at.template state_of<data>().discount = step.discount(); });
  }

  /// The batch of an update: a function of (seed, update) alone.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State& own) {
    if (own.discount < 0) throw Error("action chunks: the discount is missing: call refill before each update");
    return replay.sample_chunks(seed, update, count, h.steps, own.discount);
  }
};
static_assert(DataSource<ActionChunks>);
}  // namespace tessera
