#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
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

TESSERA_INLINE std::span<const float> EpisodeLog::keep(std::vector<float> observations) {
  if (!data_.observations.empty() || !data_.episodes.empty())
    throw Error(data_.name + ": keep() comes before the first episode");
  data_.observations = std::move(observations);
  return data_.observations;
}

TESSERA_INLINE void EpisodeLog::add(const EpisodeRows& rows) {
  const auto n = data_.observation_size, d = data_.action_size, steps = std::int64_t(rows.rewards.size());
  const bool discrete = data_.kind == action_kind::discrete;
  const auto where = data_.name + ": episode " + std::to_string(episodes());
  if (steps == 0) throw Error(where + ": has no steps; leave it out");
  const bool has_next = !rows.next_observations.empty();
  const bool one_more = !has_next && std::int64_t(rows.observations.size()) == (steps + 1) * n,
             has_last = has_next || one_more;
  if (has_next) {
    detail::require_length(where, "next_observations", rows.next_observations.size(), steps, n);
    detail::require_finite(where, "next_observations", rows.next_observations.data(), rows.next_observations.size(), n);
  }
  if (!rows.terminals.empty()) {
    detail::require_length(where, "terminals", rows.terminals.size(), steps, 1);
    detail::require_flags(where, "terminals", rows.terminals.data(), rows.terminals.size());
  }
  const bool terminated = rows.terminated || (!rows.terminals.empty() && rows.terminals.back() != 0);
  if (!one_more) detail::require_length(where, "observations", rows.observations.size(), steps, n);
  if (discrete) {
    detail::require_length(where, "actions", rows.action_indices.size(), steps, 1);
    detail::require_indices(where, rows.action_indices.data(), rows.action_indices.size(), d);
  } else {
    detail::require_length(where, "actions", rows.actions.size(), steps, d);
    detail::require_finite(where, "actions", rows.actions.data(), rows.actions.size(), d);
  }
  detail::require_finite(where, "observations", rows.observations.data(), rows.observations.size(), n);
  detail::require_finite(where, "rewards", rows.rewards.data(), rows.rewards.size(), 1);
  if (rows_ == 0) has_propensities_ = !rows.propensities.empty();
  if (has_propensities_ || !rows.propensities.empty())
    detail::require_length(where, "propensities", rows.propensities.size(), has_propensities_ ? steps : 0, 1);
  detail::require_propensities(where, rows.propensities.data(), rows.propensities.size(), data_.kind);

  Episode episode{data_.size(), 0, steps, 0, 0, terminated || rows.truncated};
  double discount = 1;
  for (const float r : rows.rewards)
    episode.episode_return += r, episode.discounted_return += discount * r, discount *= 0.99;
  if (!has_last && !terminated) {
    auto& count = rows.truncated ? cut_ : open_;
    if (count++ == 0) (rows.truncated ? first_cut_ : first_open_) = rows_ + steps - 1;
  }
  // The last step is kept if it is known where it led, or if nothing is asked of where it led.
  episode.transitions = has_last || terminated ? steps : steps - 1;
  const auto kept = std::size_t(episode.transitions);
  auto& stored = data_.observations;
  const float* const given = rows.observations.data();
  const bool kept_before =
      !stored.empty() && !std::less<>{}(given, stored.data()) && std::less<>{}(given, stored.data() + stored.size());
  const auto first_row = (kept_before ? given - stored.data() : std::int64_t(stored.size())) / n;
  const auto first_own = kept_before ? std::int64_t(stored.size()) / n : first_row + steps;
  if (!kept_before) stored.insert(stored.end(), rows.observations.begin(), rows.observations.end());
  auto own_row = first_own;  // of a next observation that is not the one of the following step
  for (std::int64_t t = 0; t < episode.transitions; ++t) {
    const bool unknown = t + 1 == steps && !has_last;
    data_.observation_row.push_back(first_row + t);
    const float* after = has_next ? rows.next_observations.data() + t * n : nullptr;
    const bool own = has_next && (t + 1 == steps || std::memcmp(after, stored.data() + (first_row + t + 1) * n,
                                                                std::size_t(n) * sizeof(float)) != 0);
    if (own) stored.insert(stored.end(), after, after + n);
    data_.next_observation_row.push_back(own ? own_row++ : first_row + t + (unknown ? 0 : 1));
    if (unknown || !data_.unknown_next.empty()) data_.unknown_next.resize(data_.observation_row.size(), 0);
    if (unknown) data_.unknown_next.back() = 1;
  }
  const auto part = [&](auto& to, const auto& from, std::size_t count) {
    to.insert(to.end(), from.begin(), from.begin() + std::ptrdiff_t(count));
  };
  if (discrete) part(data_.action_indices, rows.action_indices, kept);
  else part(data_.actions, rows.actions, kept * std::size_t(d));
  part(data_.rewards, rows.rewards, kept);
  if (has_propensities_) part(data_.propensities, rows.propensities, kept);
  data_.terminals.resize(data_.rewards.size(), 0), data_.timeouts.resize(data_.rewards.size(), 0);
  if (!rows.terminals.empty() && kept > 0)
    std::copy_n(rows.terminals.begin(), kept, data_.terminals.end() - std::ptrdiff_t(kept));
  if (kept > 0) (terminated ? data_.terminals : data_.timeouts).back() = 1;
  data_.episodes.push_back(episode);
  rows_ += steps;
  if (hand_over_ && bytes() >= piece_) give();
}

TESSERA_INLINE void EpisodeLog::hand_over(const ReadLimits& limits) {
  hand_over_ = limits.hand_over;
  if (hand_over_) piece_ = limits.piece_bytes();
}
TESSERA_INLINE std::uint64_t EpisodeLog::bytes() const {
  const auto size = [](const auto& all) { return all.size() * sizeof(all[0]); };
  return size(data_.observations) + size(data_.observation_row) + size(data_.next_observation_row) +
         size(data_.actions) + size(data_.action_indices) + size(data_.rewards) + size(data_.terminals) +
         size(data_.timeouts) + size(data_.episodes);
}
TESSERA_INLINE void EpisodeLog::find_limits() {
  if (data_.kind == action_kind::discrete) return;
  if (!data_.actions.empty()) {
    set_seen_limits(data_, data_.actions);
    for (std::size_t j = 0; j < low_.size(); ++j) {
      data_.action_low[j] = std::fmin(data_.action_low[j], low_[j]);
      data_.action_high[j] = std::fmax(data_.action_high[j], high_[j]);
    }
    low_ = data_.action_low, high_ = data_.action_high;
  }
  data_.action_low = low_, data_.action_high = high_, data_.limits_from = limits_origin::seen;
}
// The numbers go, and their memory stays for the next piece.
TESSERA_INLINE void EpisodeLog::give() {
  find_limits();
  hand_over_(data_);
  may_be_empty_ = true;
  before_ += std::int64_t(data_.episodes.size());
  data_.observations.clear(), data_.observation_row.clear(), data_.next_observation_row.clear();
  data_.actions.clear(), data_.action_indices.clear(), data_.rewards.clear();
  data_.terminals.clear(), data_.timeouts.clear(), data_.unknown_next.clear(), data_.propensities.clear(),
      data_.episodes.clear();
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
  find_limits();
  if (data_.size() == 0 && !may_be_empty_)
    throw Error(data_.name + ": gives no transition (" + std::to_string(rows_) +
                " rows, none with a known next observation); use a file with longer episodes");
  prefer_file_limits(data_, action_low, action_high);
  return std::move(data_);
}
}  // namespace tessera
