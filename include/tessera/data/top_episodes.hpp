#pragma once
#include <tessera/data/offline.hpp>

namespace tessera {
/// Batches are drawn uniformly from the transitions of the best episodes:
///   episodes from the largest undiscounted return down, while they hold no more than `fraction` of all transitions;
///       one at least
/// Statistics are those of all transitions.
/// Source: "%BC" of Chen et al. 2021 (Decision Transformer), section 5, and the authors' code: the best X% of the time
/// steps.
/// Differs from CORL's version, which keeps that share of the episodes, ranked by the return discounted by 0.99.
struct TopEpisodes {
  using role = role::data_source;
  struct params {
    double fraction = 0.1;
    OfflineParams units{};

    static constexpr doc docs[] = {
        {"fraction", "fraction of the transitions to keep, in whole episodes, the best first, in (0, 1]", above_zero,
         1},
        {"units", "normalization"},
    };
  };
  using needs = all_of<>;
  static constexpr const char* formula =
      "(s, a, r, s', m) ~ U(the best episodes of D by return, a fraction of its steps)";
  static constexpr const char* source = "Chen et al. 2021, section 5";

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h.units, data, out);
    out.keep_best_episodes(data, h.fraction);
  }

  /// The batch of an update: uniform with replacement, a function of (seed, update) alone.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params&, const Replay& replay, std::uint64_t seed, std::int64_t update,
                                           std::int64_t count, const State&) {
    return replay.sample(seed, update, count);
  }
};
static_assert(DataSource<TopEpisodes>);
}  // namespace tessera
