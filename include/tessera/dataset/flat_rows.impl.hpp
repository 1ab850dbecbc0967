#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::string rows_from(std::int64_t count, std::int64_t first) {
  return std::to_string(count) + (count == 1 ? " row" : " rows") + ", first row " + std::to_string(first);
}
TESSERA_INLINE void RowCount::add(std::int64_t row) {
  if (count_++ == 0) first_ = row;
}
TESSERA_INLINE void RowCount::report(std::vector<Warning>& warnings, const std::string& name,
                                     const std::string& what) const {
  if (count_ > 0) warnings.push_back({name, rows_from(count_, first_) + ": " + what});
}
TESSERA_INLINE void set_seen_limits(Dataset& data, const std::vector<float>& actions) {
  if (data.kind == action_kind::discrete) return;
  const auto size = static_cast<std::size_t>(data.action_size);
  data.action_low.assign(actions.begin(), actions.begin() + data.action_size);
  data.action_high = data.action_low;
  data.limits_from = limits_origin::seen;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    data.action_low[i % size] = std::fmin(data.action_low[i % size], actions[i]);
    data.action_high[i % size] = std::fmax(data.action_high[i % size], actions[i]);
  }
}
TESSERA_INLINE void prefer_file_limits(Dataset& data, const std::vector<float>& low, const std::vector<float>& high) {
  if (data.kind == action_kind::discrete || low.empty()) return;
  std::string wrong;
  for (std::size_t j = 0; j < low.size() && wrong.empty(); ++j) {
    const auto at = "number " + std::to_string(j) + " of an action ";
    const float slack = 1e-4f * (high[j] - low[j]);
    if (!std::isfinite(low[j]) || !std::isfinite(high[j])) wrong = at + "has no finite limits in the file";
    else if (!(low[j] < high[j])) wrong = at + "has a lower limit in the file that is not below the upper one";
    else if (data.action_low[j] < low[j] - slack || data.action_high[j] > high[j] + slack)
      wrong = at + "goes beyond its limits in the file, " + detail::plain_number(low[j]) + " to " +
              detail::plain_number(high[j]);
  }
  if (wrong.empty()) data.action_low = low, data.action_high = high, data.limits_from = limits_origin::file;
  else data.warnings.push_back({"limits-not-usable", wrong + "; the least and largest action seen are taken instead"});
}
TESSERA_INLINE void set_file_limits(Dataset& data, const std::vector<float>& actions, const std::vector<float>& low,
                                    const std::vector<float>& high) {
  set_seen_limits(data, actions);
  prefer_file_limits(data, low, high);
}
}  // namespace tessera

namespace tessera::detail {
TESSERA_INLINE std::vector<std::uint8_t> keep_own_next(FlatRows& rows) {
  auto& next = rows.next_observations;
  auto& stored = rows.observations;
  const auto width = static_cast<std::size_t>(rows.observation_size), count = rows.rewards.size();
  std::vector<std::uint8_t> own(next.empty() ? 0 : count, 0);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (!rows.next_unknown.empty() && rows.next_unknown[i] != 0) continue;
    const float* to = next.data() + i * width;
    if (i + 1 < count && std::memcmp(to, stored.data() + (i + 1) * width, width * sizeof(float)) == 0) continue;
    own[i] = 1;
    std::copy_n(to, width, next.data() + kept++ * width);
  }
  // Never hold three copies at a time: if few rows are kept, they move to a smaller buffer first; if many are, they fit
  // behind the observations already (see `read_d4rl`), or nearly do.
  next.resize(kept * width);
  if (stored.capacity() < stored.size() + next.size()) {
    if (kept < count / 2 + 1) std::vector<float>(next).swap(next);
    stored.reserve(stored.size() + next.size());
  }
  stored.insert(stored.end(), next.begin(), next.end());
  std::vector<float>().swap(next);
  return own;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE Dataset assemble(FlatRows rows) {
  const auto count = static_cast<std::int64_t>(rows.rewards.size());
  Dataset data;
  data.name = rows.name;
  data.format = rows.format;
  data.kind = rows.kind;
  data.observation_size = rows.observation_size;
  data.action_size = rows.action_size;
  data.warnings = std::move(rows.warnings);
  data.spaces = std::move(rows.spaces), data.task = std::move(rows.task);
  set_file_limits(data, rows.actions, rows.action_low, rows.action_high);
  const bool has_next = !rows.next_observations.empty();
  const auto own = detail::keep_own_next(rows);
  auto own_row = count;  // index of the next row of its own
  data.observations = std::move(rows.observations);
  // The transitions' values of these columns move up in place, to indices that have already been read.
  data.rewards = std::move(rows.rewards), data.terminals = std::move(rows.terminals),
  data.timeouts = std::move(rows.timeouts);
  data.propensities = std::move(rows.propensities);
  data.actions = std::move(rows.actions), data.action_indices = std::move(rows.action_indices);
  const bool discrete = rows.kind == action_kind::discrete;
  const auto d = static_cast<std::size_t>(rows.action_size);
  data.observation_row.reserve(static_cast<std::size_t>(count));
  data.next_observation_row.reserve(static_cast<std::size_t>(count));
  std::size_t ends_in_all = count > 0;
  for (std::int64_t row = 0; row + 1 < count; ++row)
    ends_in_all += data.terminals[std::size_t(row)] != 0 || data.timeouts[std::size_t(row)] != 0;
  data.episodes.reserve(ends_in_all);
  std::size_t kept = 0;
  const auto keep = [&](std::size_t i, bool terminal, std::int64_t next_row) {
    const auto row = static_cast<std::int64_t>(i);
    data.observation_row.push_back(row);
    data.next_observation_row.push_back(next_row);
    data.rewards[kept] = data.rewards[i];
    if (!data.propensities.empty()) data.propensities[kept] = data.propensities[i];
    data.terminals[kept] = terminal;
    data.timeouts[kept] = 0;
    if (discrete) data.action_indices[kept] = data.action_indices[i];
    else std::copy_n(data.actions.data() + i * d, d, data.actions.data() + kept * d);
    ++kept;
    if (next_row == row) data.unknown_next.resize(kept), data.unknown_next.back() = 1;
  };

  RowCount dropped;
  Episode episode{0, 0, 0, 0, 0, false};
  double discount = 1;
  for (std::int64_t row = 0; row < count; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const bool terminal = data.terminals[i] != 0, marked = terminal || data.timeouts[i] != 0;
    const bool ends = marked || row + 1 == count;
    ++episode.rows;
    episode.episode_return += data.rewards[i];
    episode.discounted_return += discount * data.rewards[i];
    discount *= 0.99;

    const bool unknown = !rows.next_unknown.empty() && rows.next_unknown[i] != 0;  // its finder has warned
    if (unknown && terminal) keep(i, terminal, row);
    else if (unknown) {
    } else if (has_next) keep(i, terminal, own[i] != 0 ? own_row++ : row + 1);
    else if (!ends) keep(i, terminal, row + 1);
    else if (terminal) keep(i, terminal, row);
    else if (marked) dropped.add(row);
    else
      data.warnings.push_back({"dropped-last-row", rows_from(1, row) +
                                                       ": the file ends inside an episode and "
                                                       "does not say where this step led; not used as a transition"});
    if (!ends) continue;

    episode.transitions = static_cast<std::int64_t>(kept) - episode.first;
    episode.complete = marked;
    if (episode.transitions > 0 && data.terminals[kept - 1] == 0) data.timeouts[kept - 1] = 1;
    data.episodes.push_back(episode);
    episode = Episode{static_cast<std::int64_t>(kept), 0, 0, 0, 0, false};
    discount = 1;
  }
  data.rewards.resize(kept), data.terminals.resize(kept), data.timeouts.resize(kept);
  if (!data.propensities.empty()) data.propensities.resize(kept);
  if (discrete) data.action_indices.resize(kept);
  else data.actions.resize(kept * d);
  dropped.report(data.warnings, "dropped-timeout-rows",
                 "the episode was cut after this step and the file does not say where the step led; not used as "
                 "a transition");
  if (!data.unknown_next.empty()) data.unknown_next.resize(data.rewards.size());
  if (data.size() == 0 && !rows.part)
    throw Error(data.name + ": gives no transition (" + std::to_string(count) +
                " rows, none with a known next observation); use a file with longer episodes");
  return data;
}
}  // namespace tessera
