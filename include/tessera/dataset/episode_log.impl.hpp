#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/episode_log.hpp>
#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE EpisodeLog::EpisodeLog(std::string name, std::string format, action_kind kind,
                                      std::int64_t observation_size, std::int64_t action_size) {
  data_.name = std::move(name), data_.format = std::move(format);
  data_.kind = kind, data_.observation_size = observation_size, data_.action_size = action_size;
  detail::require_sizes(data_.name, observation_size, action_size, kind);
}

TESSERA_INLINE void EpisodeLog::add(const EpisodeRows& rows) {
  const auto n = data_.observation_size, d = data_.action_size, steps = std::int64_t(rows.rewards.size());
  const bool discrete = data_.kind == action_kind::discrete;
  const auto where = data_.name + ": episode " + std::to_string(episodes());
  if (steps == 0) throw Error(where + ": has no steps; leave it out");
  const bool has_last = std::int64_t(rows.observations.size()) == (steps + 1) * n;
  if (!has_last) detail::require_length(where, "observations", rows.observations.size(), steps, n);
  if (discrete) {
    detail::require_length(where, "actions", rows.action_indices.size(), steps, 1);
    detail::require_indices(where, rows.action_indices.data(), rows.action_indices.size(), d);
  } else {
    detail::require_length(where, "actions", rows.actions.size(), steps, d);
    detail::require_finite(where, "actions", rows.actions.data(), rows.actions.size(), d);
  }
  detail::require_finite(where, "observations", rows.observations.data(), rows.observations.size(), n);
  detail::require_finite(where, "rewards", rows.rewards.data(), rows.rewards.size(), 1);

  Episode episode{data_.size(), 0, steps, 0, 0, rows.terminated || rows.truncated};
  double discount = 1;
  for (const float r : rows.rewards)
    episode.episode_return += r, episode.discounted_return += discount * r, discount *= 0.99;
  if (!has_last && !rows.terminated) {
    auto& count = rows.truncated ? cut_ : open_;
    if (count++ == 0) (rows.truncated ? first_cut_ : first_open_) = rows_ + steps - 1;
  }
  // The last step is kept if it is known where it led, or if nothing is asked of where it led.
  episode.transitions = has_last || rows.terminated ? steps : steps - 1;
  const auto kept = std::size_t(episode.transitions);
  const auto first_row = std::int64_t(data_.observations.size()) / n;
  data_.observations.insert(data_.observations.end(), rows.observations.begin(), rows.observations.end());
  for (std::int64_t t = 0; t < episode.transitions; ++t) {
    const bool unknown = t + 1 == steps && !has_last;
    data_.observation_row.push_back(first_row + t);
    data_.next_observation_row.push_back(first_row + t + (unknown ? 0 : 1));
    if (unknown || !data_.unknown_next.empty()) data_.unknown_next.resize(data_.observation_row.size(), 0);
    if (unknown) data_.unknown_next.back() = 1;
  }
  const auto part = [&](auto& to, const auto& from, std::size_t count) {
    to.insert(to.end(), from.begin(), from.begin() + std::ptrdiff_t(count));
  };
  if (discrete) part(data_.action_indices, rows.action_indices, kept);
  else part(data_.actions, rows.actions, kept * std::size_t(d));
  part(data_.rewards, rows.rewards, kept);
  data_.terminals.resize(data_.rewards.size(), 0), data_.timeouts.resize(data_.rewards.size(), 0);
  if (kept > 0) (rows.terminated ? data_.terminals : data_.timeouts).back() = 1;
  data_.episodes.push_back(episode);
  rows_ += steps;
}

TESSERA_INLINE Dataset EpisodeLog::finish(const std::vector<float>& action_low, const std::vector<float>& action_high) {
  if (cut_ > 0)
    data_.warnings.push_back(
        {"dropped-timeout-rows", rows_from(cut_, first_cut_) +
                                     ": the episode was cut after this step and the file does not say where the step "
                                     "led; not used as a transition"});
  if (open_ > 0)
    data_.warnings.push_back(
        {"dropped-last-row", rows_from(open_, first_open_) +
                                 ": the file ends inside an episode and does not say where this step led; not used "
                                 "as a transition"});
  if (data_.size() == 0)
    throw Error(data_.name + ": gives no transition (" + std::to_string(rows_) +
                " rows, none with a known next observation); use a file with longer episodes");
  set_file_limits(data_, data_.actions, action_low, action_high);
  return std::move(data_);
}
}  // namespace tessera
