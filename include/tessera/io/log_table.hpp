#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/column_mapping.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// One named column of a table: numbers, or texts.
struct TableColumn {
  static constexpr std::uint32_t no_text = std::numeric_limits<std::uint32_t>::max();

  std::string name;
  std::int64_t width = 1;            ///< how many numbers a row has in it
  bool whole = false;                ///< numbers: whether its type, or how they are written, is that of whole numbers
  std::vector<double> numbers;       ///< (rows, width) row-major, NaN where missing; empty if it holds texts
  std::vector<std::uint32_t> codes;  ///< (rows) index into `texts`, or no_text where missing; empty if numbers
  std::vector<std::string> texts;    ///< the different ones, in any order

  bool is_text() const { return !codes.empty(); }
};

/// A log as a table: one row per step, in any order.
struct LogTable {
  std::int64_t rows = 0;
  std::vector<TableColumn> columns;
  std::int64_t first_row = 0;  ///< where it is a part of a table: which row of that is its first
  /// The line of the file that holds row 0, if one row follows another line by line; else -1.
  std::int64_t first_line = -1;
};

/// How the values of a column are read.
enum class column_reading {
  numbers,  ///< numbers alone
  either,   ///< numbers, or texts if some of it are none
  exactly,  ///< likewise, but whole numbers that a double cannot hold are texts, so that different ones stay different
  texts     ///< texts alone
};

/// A file that holds a table: its columns' names first, and then the columns that are asked for.
struct TableSource {
  struct Wanted {
    std::size_t column;
    column_reading as;
  };
  std::string name, format;  ///< as in `Dataset`
  std::vector<ColumnHead> columns;
  std::vector<Warning> warnings;
  /// The columns in the order in which they are asked for.
  std::function<LogTable(const std::vector<Wanted>&)> read;
  /// The same in parts of so many rows, the last of fewer, each passed on with the same columns.  Where a column turns
  /// out to hold texts, it begins again with row 0.  Empty for what is in memory anyway.
  std::function<void(const std::vector<Wanted>&, std::int64_t, const std::function<void(LogTable)>&)> read_parts{};
  ReadLimits limits{};  ///< where these say so, what is read is handed over in pieces
};

/// What a user says about a table.
struct TableOptions {
  std::optional<std::string> columns;  ///< see `ColumnMapping`; without one it is guessed
  /// What is done about missing observations: "error" (the default), or rules that are tried in turn, with commas
  /// between: "drop-episode", "previous" (of the same episode), "mean" (of the column), or a number, which also fills
  /// missing rewards.
  std::optional<std::string> missing;
};

/// Reads a log from a table.
///
/// Rows with the same values in the episode's columns are an episode, in the order of the step's column.  Where rows
/// are out of order they are sorted by episode and step; otherwise episodes keep their order.  Without an episode's
/// column an episode ends at an end mark, and where the step goes down.
///
/// The step's column holds numbers or time stamps (ISO 8601).  A flag is 0, 1, true, false, yes, no, or missing, which
/// is 0.  `done` alone is taken for the end of the task; beside `truncated` or `terminated` it is the end for whichever
/// reason.  The next observation of a row is in the next columns, or it is the observation of the following row.  A
/// last row of an episode without an action holds its last observation alone.
///
/// Actions in one column of texts are discrete and named; of up to 64 whole numbers, discrete, where numbers with gaps
/// between them become the actions' names; anything else is continuous.  Several columns are the numbers of a
/// continuous action, unless they hold texts: then the action is several choices at once (see `declare_actions`).
///
/// Where it is handed over in pieces (`ReadLimits::hand_over`), the table is read twice: first for what all of its rows
/// decide, of which only the different episodes and actions are kept in memory.  With next columns it is read some more
/// times.  Rows that are out of order are an Error then.
Dataset read_log_table(const TableSource& source, const TableOptions& options);

/// Seconds since 1970 of a date and time as in "2019-03-01 12:00:00.5", "2019-03-01T12:00Z" or "2019-03-01"; nothing if
/// it is not one.
std::optional<double> time_stamp(std::string_view text);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/log_table.impl.hpp>
#endif
