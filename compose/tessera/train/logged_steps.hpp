#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/train/target_policy.hpp>

namespace tessera::ope {
/// Some transitions of a log, in its own units, on a device.
struct LoggedPiece {
  std::int64_t first = 0;            ///< which of the transitions asked for the first one is
  at::Tensor observations, actions;  ///< (k, n), and (k, d) or (k) indices
  at::Tensor next_observations;      ///< (k, n)
};
/// What of them is read.
struct ReadColumns {
  bool observations = true, actions = true, next_observations = false;
};
/// f(piece) with these transitions of a data set, in their order, at most 1024 at a time: as many as act at once in an
/// evaluation.
void each_piece(const Dataset& data, const std::vector<std::int64_t>& transitions, const at::Device& device,
                ReadColumns what, const std::function<void(const LoggedPiece&)>& f);
/// All transitions of a data set.
std::vector<std::int64_t> all_transitions(const Dataset& data);

/// The episodes of a log as off-policy evaluation takes them: to the first step at which the task ended.
struct EpisodeRange {
  std::int64_t first = 0, count = 0;
  bool truncated = false;  ///< the log stops before the task did
};
/// `dropped`, if it is not null: how many transitions come after an end of the task within their episode.
std::vector<EpisodeRange> episode_ranges(const Dataset& data, std::int64_t* dropped = nullptr);

/// Throws an Error unless a policy can be judged on a data set: sizes and kind of actions.
void require_judgeable(const TargetPolicy& policy, const Dataset& data);
}  // namespace tessera::ope

#ifndef TESSERA_COMPILED
#include <tessera/train/logged_steps.impl.hpp>
#endif
