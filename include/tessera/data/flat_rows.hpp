#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/dataset.hpp>
#include <tessera/data/error.hpp>

namespace tessera {
/// Logged steps as flat files hold them: one row per step, episodes one after the other.  What every
/// flat format is translated into before it becomes a `Dataset`.
struct FlatRows {
  std::string name, format;
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0, action_size = 0;  ///< as in `Dataset`
  std::vector<float> observations;                     ///< (rows, observation_size)
  std::vector<float> next_observations;                ///< the same, or empty: not in the file
  std::vector<std::uint8_t> next_unknown;              ///< (rows) 1 where those are none, or empty: all are known
  std::vector<float> actions;                          ///< (rows, action_size) if continuous, else empty
  std::vector<std::int64_t> action_indices;            ///< (rows) if discrete, else empty
  std::vector<float> rewards;                          ///< (rows)
  std::vector<std::uint8_t> terminals;                 ///< (rows): the task ended with this step
  std::vector<std::uint8_t> timeouts;                  ///< (rows): the episode was cut after this step
  std::vector<Warning> warnings;
};

/// "3 rows, first row 17": how every warning says how many and where.
inline std::string rows_from(std::int64_t count, std::int64_t first) {
  return std::to_string(count) + (count == 1 ? " row" : " rows") + ", first row " + std::to_string(first);
}

/// Counts the rows a warning is about.
class RowCount {
 public:
  void add(std::int64_t row) {
    if (count_++ == 0) first_ = row;
  }
  /// Appends the warning `name`: "<rows> <what>", if there was any row.
  void report(std::vector<Warning>& warnings, const std::string& name, const std::string& what) const {
    if (count_ > 0) warnings.push_back({name, rows_from(count_, first_) + ": " + what});
  }

 private:
  std::int64_t count_ = 0, first_ = -1;
};

/// Adds one transition from row `row` to stored observation `next_row`; to itself, where the next observation is not known.
inline void append_transition(Dataset& data, const FlatRows& rows, std::int64_t row, std::int64_t next_row) {
  const auto i = static_cast<std::size_t>(row);
  data.observation_row.push_back(row);
  data.next_observation_row.push_back(next_row);
  data.rewards.push_back(rows.rewards[i]);
  data.terminals.push_back(rows.terminals[i]);
  data.timeouts.push_back(0);
  if (next_row == row) data.unknown_next.resize(data.rewards.size()), data.unknown_next.back() = 1;
  if (rows.kind == action_kind::discrete) {
    data.action_indices.push_back(rows.action_indices[i]);
  } else {
    const auto* action = rows.actions.data() + row * rows.action_size;
    data.actions.insert(data.actions.end(), action, action + rows.action_size);
  }
}

/// Sets `action_low` and `action_high` to the least and largest action of `rows`.
inline void set_seen_limits(Dataset& data, const FlatRows& rows) {
  if (rows.kind == action_kind::discrete) return;
  const auto size = static_cast<std::size_t>(rows.action_size);
  data.action_low.assign(rows.actions.begin(), rows.actions.begin() + rows.action_size);
  data.action_high = data.action_low;
  for (std::size_t i = 0; i < rows.actions.size(); ++i) {
    data.action_low[i % size] = std::fmin(data.action_low[i % size], rows.actions[i]);
    data.action_high[i % size] = std::fmax(data.action_high[i % size], rows.actions[i]);
  }
}

/// Turns checked rows into transitions.
///
/// The next observation of a row is its entry in `next_observations`; without that field it is the
/// observation of the row that follows in the same episode.  The last row of an episode then has none, nor
/// has a row in `next_unknown`: if the task ended there, it is marked in `Dataset::unknown_next` and its own
/// observation stands in, which no bootstrap and no model looks at; else the row is dropped, with a warning.
/// An entry that equals the following row bit for bit is not stored twice.
///
/// The last transition of each episode carries exactly one end mark: `terminals` where the task ended,
/// else `timeouts`, also where the row that had the mark was dropped and where the file just stops.  A row
/// with both marks in the file counts as terminal.
inline Dataset assemble(FlatRows rows) {
  const auto count = static_cast<std::int64_t>(rows.rewards.size());
  const auto width = static_cast<std::size_t>(rows.observation_size);
  Dataset data;
  data.name = rows.name;
  data.format = rows.format;
  data.kind = rows.kind;
  data.observation_size = rows.observation_size;
  data.action_size = rows.action_size;
  data.observations = std::move(rows.observations);
  data.warnings = std::move(rows.warnings);
  set_seen_limits(data, rows);
  data.observation_row.reserve(static_cast<std::size_t>(count));
  data.next_observation_row.reserve(static_cast<std::size_t>(count));

  const bool has_next = !rows.next_observations.empty();
  const auto next_of = [&](std::int64_t row) {
    const float* own = rows.next_observations.data() + static_cast<std::size_t>(row) * width;
    const auto following = static_cast<std::size_t>(row + 1) * width;
    if (row + 1 < count &&
        std::memcmp(own, data.observations.data() + following, width * sizeof(float)) == 0)
      return row + 1;
    data.observations.insert(data.observations.end(), own, own + width);
    return static_cast<std::int64_t>(data.observations.size() / width) - 1;
  };

  RowCount dropped;
  Episode episode{0, 0, 0, 0, 0, false};
  double discount = 1;
  for (std::int64_t row = 0; row < count; ++row) {
    const auto i = static_cast<std::size_t>(row);
    const bool marked = rows.terminals[i] != 0 || rows.timeouts[i] != 0;
    const bool ends = marked || row + 1 == count;
    ++episode.rows;
    episode.episode_return += rows.rewards[i];
    episode.discounted_return += discount * rows.rewards[i];
    discount *= 0.99;

    const bool unknown = !rows.next_unknown.empty() && rows.next_unknown[i] != 0;  // whoever found that out has warned
    if (unknown && rows.terminals[i] != 0) append_transition(data, rows, row, row);
    else if (unknown) {}
    else if (has_next) append_transition(data, rows, row, next_of(row));
    else if (!ends) append_transition(data, rows, row, row + 1);
    else if (rows.terminals[i] != 0) append_transition(data, rows, row, row);
    else if (marked) dropped.add(row);
    else
      data.warnings.push_back(
          {"dropped-last-row", rows_from(1, row) +
                                   ": the file ends inside an episode and "
                                   "does not say where this step led; not used as a transition"});
    if (!ends) continue;

    episode.transitions = data.size() - episode.first;
    episode.complete = marked;
    if (episode.transitions > 0 && data.terminals.back() == 0) data.timeouts.back() = 1;
    data.episodes.push_back(episode);
    episode = Episode{data.size(), 0, 0, 0, 0, false};
    discount = 1;
  }
  dropped.report(
      data.warnings, "dropped-timeout-rows",
      "the episode was cut after this step and the file does not say where the step led; not used as "
      "a transition");
  if (!data.unknown_next.empty()) data.unknown_next.resize(data.rewards.size());
  if (data.size() == 0)
    throw Error(data.name + ": gives no transition (" + std::to_string(count) +
                " rows, none with a known next observation); use a file with longer episodes");
  return data;
}
}  // namespace tessera
