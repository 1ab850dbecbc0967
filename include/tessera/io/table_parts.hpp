#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

/// A table that is read in parts, see `TableSource::read_parts`.
namespace tessera {
struct LogTable;

/// Appends the rows of a part to those before it, with the same columns.
void append_rows(LogTable& to, LogTable part);
/// The first `rows` rows, which are taken out.
LogTable take_rows(LogTable& from, std::int64_t rows);

/// Whether the rows of a table are in the order of episode and step, that is whether no episode begins twice and no
/// step goes down in one.  It holds one text for each episode.
class RowOrder {
 public:
  /// Which columns of each part name the episode, and which one is the step, if there is one.
  RowOrder(std::string file, std::vector<std::size_t> episode, std::vector<std::size_t> step)
      : file_(std::move(file)), episode_(std::move(episode)), step_(std::move(step)) {}
  void add(const LogTable& part);
  /// Throws an Error for rows that are not, with what to do.
  void require() const;

 private:
  std::string key_of(const LogTable& part, std::int64_t row) const;

  std::string file_;
  std::vector<std::size_t> episode_, step_;
  bool any_ = false;
  std::unordered_set<std::string> seen_;
  std::string last_;
  double last_step_ = 0;
  std::int64_t wrong_ = -1;  // the first row that is out of order
};

/// The means of columns of parts, of what is not missing: as of all rows at once, to the bit.
class ColumnMeans {
 public:
  explicit ColumnMeans(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}
  void add(const LogTable& part);
  std::vector<double> means() const;

 private:
  std::vector<std::size_t> columns_;
  std::vector<double> sum_, count_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/table_parts.impl.hpp>
#endif
