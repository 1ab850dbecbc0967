#pragma once
#include <cstdint>

#include <tessera/data/offline.hpp>

namespace tessera {
/// Hyper-parameter that OfflineAndOnline adds to those of Offline.
struct OfflineAndOnlineParams {
  double offline_ratio = 0.5;

  static constexpr doc docs[] = {
      {"offline_ratio", "f, the part of a batch that comes from the log (RLPD: 0.5)", 0, 1},
  };
};

/// Batches of B transitions that are part logged and part collected online, in exact proportion:
///   round(f B) from the log, which stand first, and the others from what was collected, each uniform with replacement
/// Where there is nothing of the one, all are of the other.  Only `train_online` has such batches to give.
/// Source: Ball et al. 2023 (RLPD), algorithm 1: symmetric sampling, f = 1/2.
struct OfflineAndOnline {
  using role = role::data_source;
  using params = joined<OfflineParams, OfflineAndOnlineParams>;
  using needs = all_of<>;
  static constexpr const char* formula = "f U(D) + (1 - f) U(collected)";
  static constexpr const char* source = "Ball et al. 2023, algorithm 1";
  static constexpr bool trains_online = true;

  template <class Data, class Out>
  static void prepare(const params& h, const Data& data, Out& out) {
    Offline::prepare(h, data, out);
  }
  /// The batch of an update: a function of (seed, update) and of what was collected.
  template <class Replay, class State>
  static typename Replay::batch_type batch(const params& h, const Replay& replay, std::uint64_t seed,
                                           std::int64_t update, std::int64_t count, const State&) {
    if constexpr (requires { replay.sample_mixed(seed, update, count, h.offline_ratio); })
      return replay.sample_mixed(seed, update, count, h.offline_ratio);
    else return replay.sample(seed, update, count);
  }
};
static_assert(TrainsOnline<OfflineAndOnline> && !TrainsOnline<Offline>);
}  // namespace tessera
