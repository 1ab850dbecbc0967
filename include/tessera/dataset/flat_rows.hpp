#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

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
std::string rows_from(std::int64_t count, std::int64_t first);

/// Counts the rows a warning is about.
class RowCount {
 public:
  void add(std::int64_t row);
  /// Appends the warning `name`: "<rows> <what>", if there was any row.
  void report(std::vector<Warning>& warnings, const std::string& name, const std::string& what) const;

 private:
  std::int64_t count_ = 0, first_ = -1;
};

/// Sets `action_low` and `action_high` to the smallest and largest action of `rows`, by dimension.
void set_seen_limits(Dataset& data, const FlatRows& rows);

namespace detail {
/// Puts the next observations that are not the following row's behind the observations, in order, gives back the memory
/// of the others, and says which rows have one of their own.
std::vector<std::uint8_t> keep_own_next(FlatRows& rows);
}  // namespace detail

/// Turns checked rows into transitions, in the memory that they have.
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
Dataset assemble(FlatRows rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/flat_rows.impl.hpp>
#endif
