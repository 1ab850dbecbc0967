#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/io/log_table.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// How a text table is written; what is not said is found out from its beginning.
struct CsvStyle {
  char delimiter = 0;  ///< ',', ';' or a tab; 0: the one that the first line has most of
  char decimal = 0;    ///< '.' or ','; 0: a comma if numbers have one, and it is not the delimiter
  int header = -1;     ///< whether the first line holds names: 1, 0, or -1: if not all of it are numbers
};

/// A text table: lines of fields with commas, semicolons or tabs between them (RFC 4180, and what is seen beside it).
///
/// Fields may be quoted ("a ""b"", c"), lines end with \n or \r\n, a byte-order mark before the first is skipped, and
/// so are empty lines and lines that begin with #.  Without a header the columns are called 0, 1, 2, ...; a header in
/// the last comment line before the numbers counts.  True and false are 1 and 0.  A field is missing if it is empty or
/// one of NA, N/A, nan, NULL, None and the like.  A column without a name, as a data frame's index has, is ignored,
/// with a warning; so is one that rows have and the header has not.  A file that is compressed with gzip is unpacked as
/// it is read (`UnpackedText`).
class CsvFile {
 public:
  explicit CsvFile(const std::string& path, const CsvStyle& style = {}, const ReadLimits& limits = {});

  /// Whether a file that begins with `head` looks like a text table of at least two columns.
  static bool sniff(std::string_view head);

  const std::string& path() const { return file_.path(); }
  const std::vector<ColumnHead>& columns() const { return columns_; }
  const std::vector<Warning>& warnings() const { return warnings_; }
  LogTable read(const std::vector<TableSource::Wanted>& wanted) const;
  /// See `TableSource::read_parts`.
  void read_parts(const std::vector<TableSource::Wanted>& wanted, std::int64_t rows,
                  const std::function<void(LogTable)>& f) const;

 private:
  [[noreturn]] void fail(std::int64_t line, std::int64_t column, const std::string& what) const;

  RegularFile file_;
  ReadLimits limits_;
  char delimiter_ = ',', decimal_ = '.';
  bool header_ = true, row_names_ = false;  ///< row_names_: rows have one field more than the header
  std::vector<ColumnHead> columns_;
  std::vector<Warning> warnings_;
  double bytes_of_row_ = 1;
};

/// The table in a text file, for `read_log_table`.
TableSource csv_source(const std::string& path, const CsvStyle& style = {}, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/csv.impl.hpp>
#endif
