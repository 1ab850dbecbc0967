#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// One episode of T steps, as formats store it that hold episodes one by one.
struct EpisodeRows {
  std::span<const float> observations{};           ///< (T + 1, n), or (T, n) where the last one was not logged
  std::span<const float> actions{};                ///< (T, d) continuous actions, or
  std::span<const std::int64_t> action_indices{};  ///< (T) discrete ones
  std::span<const float> rewards{};                ///< (T)
  /// (T, n) where each step led, for formats that store it beside (T, n) observations.
  std::span<const float> next_observations{};
  /// (T) 1 where no return follows, also before the last step: an episode is not cut there.
  std::span<const std::uint8_t> terminals{};
  std::span<const float> propensities{};  ///< (T) as in `Dataset`, or empty: of all episodes or of none
  bool terminated = false;                ///< the task ended with the last step: no bootstrap
  bool truncated = false;                 ///< it was cut after the last step.  Neither: the log breaks off
};

/// Makes a data set of episodes that are added one after another, so that at no time there are two copies of the
/// numbers:
///
///   EpisodeLog log(path, "minari", action_kind::continuous, 39, 28);
///   for (...) log.add({.observations = x, .actions = a, .rewards = r, .truncated = true});
///   return log.finish();
///
/// The last step of an episode whose last observation was not logged gives a transition with an unknown next
/// observation where the task ended, and none where it did not, with a warning (see `assemble`).
class EpisodeLog {
 public:
  /// The sizes as in `Dataset`.
  EpisodeLog(std::string name, std::string format, action_kind kind, std::int64_t observation_size,
             std::int64_t action_size);

  /// Takes the observations of all episodes at once, before the first of them, and returns them: where the
  /// `observations` of an episode are a part of these, they are not copied.
  std::span<const float> keep(std::vector<float> observations);

  /// From now on its episodes are passed on in pieces, if the limits say so (`ReadLimits::hand_over`), and `finish`
  /// returns the rest.
  void hand_over(const ReadLimits& limits);

  /// It is a part of a log: it may give no transition.
  void allow_none() { may_be_empty_ = true; }

  /// Throws an Error that names the episode, column and row if the lengths do not agree or a number is not finite.
  void add(const EpisodeRows& rows);
  std::int64_t episodes() const { return before_ + static_cast<std::int64_t>(data_.episodes.size()); }
  /// How many episodes came before the first one of this log, for the numbers in errors.
  void count_from(std::int64_t before) { before_ = before; }

  /// What else is known: spaces, task, warnings, and the name and format.
  Dataset& data() { return data_; }

  /// The data set, with the limits of continuous actions that the file declares, or else those seen.
  Dataset finish(const std::vector<float>& action_low = {}, const std::vector<float>& action_high = {});

 private:
  std::uint64_t bytes() const;
  void find_limits();
  void give();

  Dataset data_;
  std::function<void(const Dataset&)> hand_over_;
  std::uint64_t piece_ = 0;
  bool may_be_empty_ = false, has_propensities_ = false;
  std::vector<float> low_, high_;  // of all actions so far
  std::int64_t rows_ = 0, cut_ = 0, first_cut_ = -1, open_ = 0, first_open_ = -1, before_ = 0;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/episode_log.impl.hpp>
#endif
