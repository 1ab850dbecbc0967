#pragma once
#include <cstdint>
#include <vector>

#include <tessera/data/offline.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// The affine maps between the task's units and the learner's.  They are part of the trained policy.
///   observation: (x - shift) / scale, clipped to [-clip, clip] where there is a clip
///   reward: reward_scale * r + reward_shift, r clipped to [-limit, limit] where there is a limit
///   action (continuous): [low, high] <-> [-1, 1], per dimension
struct Normalizer {
  std::vector<float> observation_shift, observation_scale;  ///< (observation_size)
  float reward_scale = 1, reward_shift = 0;
  std::vector<float> action_low, action_high;    ///< (action_size) if continuous, else empty
  float observation_clip = 0, reward_limit = 0;  ///< 0: none
};

namespace detail {
void fit_reward(Normalizer& n, const Dataset& data, const std::vector<std::int64_t>& rows, const OfflineParams& h);
}  // namespace detail

/// Statistics of the given transitions alone, as the data slot's parameters ask.  A standardized observation is (x -
/// mean) / (std + 1e-3), as in TD3+BC; or, with the robust scale, (x - mean) / std of the column's `Bulk`, where a
/// constant column c becomes (x - c) / max(1, |c|), so that noise in it at test time is not amplified, and values far
/// outside are clipped.
Normalizer fit_normalizer(const Dataset& data, const std::vector<std::int64_t>& rows, const OfflineParams& h);

/// What a data source hands to a learner: which transitions, and their units; and functions that compute both.
struct Prepared {
  std::vector<std::int64_t> transitions;  ///< indices into the data set
  Normalizer normalizer;

  /// Keeps the transitions of the best episodes by return: `top_episodes`.
  void keep_best_episodes(const Dataset& data, double fraction);
  /// Computes the units from the transitions' statistics: `fit_normalizer`.
  void fit_units(const Dataset& data, const OfflineParams& h);
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/normalizer.impl.hpp>
#endif
