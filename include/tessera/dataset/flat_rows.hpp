#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Logged steps as flat files store them: one row per step, episodes one after another.  Every flat format is converted
/// to this before it becomes a `Dataset`.
struct FlatRows {
  std::string name, format;
  action_kind kind = action_kind::continuous;
  std::int64_t observation_size = 0, action_size = 0;  ///< as in `Dataset`
  std::vector<float> observations;                     ///< (rows, observation_size)
  std::vector<float> next_observations;                ///< the same, or empty if not in the file
  std::vector<std::uint8_t> next_unknown;              ///< (rows) 1 where unknown, or empty if all are known
  std::vector<float> actions;                          ///< (rows, action_size) if continuous, else empty
  std::vector<std::int64_t> action_indices;            ///< (rows) if discrete, else empty
  std::vector<float> rewards;                          ///< (rows)
  std::vector<float> propensities;                     ///< (rows) as in `Dataset`, or empty
  std::vector<std::uint8_t> terminals;                 ///< (rows): the episode terminated with this step
  std::vector<std::uint8_t> timeouts;                  ///< (rows): the episode was truncated after this step
  std::vector<float> action_low, action_high;          ///< (action_size) limits in the file, or empty: those seen
  LogSpaces spaces;
  LogTask task;
  std::vector<Warning> warnings;
  bool part = false;  ///< of a file: it may give no transition
};

/// "3 rows, first row 17": the wording in which every warning says how many rows, and where.
std::string rows_from(std::int64_t count, std::int64_t first);

/// Counts the rows that a warning is about.
class RowCount {
 public:
  void add(std::int64_t row);
  /// Appends the warning `name`: "<rows> <what>", if there were any rows.
  void report(std::vector<Warning>& warnings, const std::string& name, const std::string& what) const;

 private:
  std::int64_t count_ = 0, first_ = -1;
};

/// Sets `action_low` and `action_high` to the smallest and largest of `actions`, per dimension.
void set_seen_limits(Dataset& data, const std::vector<float>& actions);
/// Puts limits that a file declares in place of those seen; where these are infinite, or an action lies beyond them,
/// they are those seen, with a warning.
void prefer_file_limits(Dataset& data, const std::vector<float>& low, const std::vector<float>& high);
/// Both, one after the other.
void set_file_limits(Dataset& data, const std::vector<float>& actions, const std::vector<float>& low,
                     const std::vector<float>& high);

namespace detail {
/// Appends the next observations that differ from the following row's observation to the observations, in order, frees
/// the memory of the others, and returns which rows have one of their own.
std::vector<std::uint8_t> keep_own_next(FlatRows& rows);
}  // namespace detail

/// Turns checked rows into transitions, reusing their memory.
///
/// The next observation of a row is its entry in `next_observations`; without that field it is the observation of the
/// following row of the same episode.  Then the last row of an episode has none, and neither has a row in
/// `next_unknown`.  If the episode terminated there, the transition is marked in `Dataset::unknown_next` and its own
/// observation stands in, which no bootstrap and no dynamics model uses; otherwise the row is dropped, with a warning.
/// An entry that equals the following row bit for bit is not stored twice.
///
/// The last transition of each episode carries exactly one end mark: `terminals` if the episode terminated, else
/// `timeouts`, also if the row that had the mark was dropped and if the file simply stops.  A row that has both marks
/// in the file counts as terminal.
Dataset assemble(FlatRows rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/flat_rows.impl.hpp>
#endif
