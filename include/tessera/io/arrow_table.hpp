#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <tessera/support/read_limits.hpp>

namespace tessera {
/// A column of an Arrow or Parquet table.  A field of a struct is a column of its own: "observations/agent/velocity".
struct ArrowColumn {
  enum class kind : std::uint8_t {
    flags,  ///< true or false, as 1 or 0 in `whole`
    whole,  ///< whole numbers; also dates and times, counted in the unit of the file
    real,
    text,
    other  ///< a type that is not read (`stored_as` says which): no values
  };
  std::string name;
  kind type = kind::other;
  std::string stored_as;  ///< the type in Arrow's words, for messages: "list<item: binary>"
  /// The shape of what a row holds: () for a single value, (3) for lists of three, (2, 3) for lists of two of these.
  /// Where rows hold lists of different lengths, it is the shape of one item, and `first_item` says whose it is.
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> first_item;  ///< (rows + 1): row i has the items from first_item[i] on; or empty
  std::vector<double> real;              ///< values, row-major
  std::vector<std::int64_t> whole;       ///< the same for flags and whole numbers; for texts, which of `labels`
  std::vector<std::string> labels;       ///< the different texts
  std::vector<std::uint8_t> missing;     ///< 1 where a value is missing (0, or the first text, stands there); or empty

  bool is_number() const { return type == kind::flags || type == kind::whole || type == kind::real; }
  bool has_lists_of_different_lengths() const { return !first_item.empty(); }
  std::size_t values() const { return type == kind::real ? real.size() : whole.size(); }
  double number(std::size_t i) const { return type == kind::real ? real[i] : static_cast<double>(whole[i]); }
  const std::string& text(std::size_t i) const { return labels[static_cast<std::size_t>(whole[i])]; }
  bool is_missing(std::size_t i) const { return !missing.empty() && missing[i] != 0; }
  /// Numbers in a row (an item, where rows have different lengths): the product of `shape`.
  std::int64_t width() const {
    std::int64_t product = 1;
    for (const auto extent : shape) product *= extent;
    return product;
  }
};

/// The columns of a table that were asked for.
struct ArrowTable {
  std::int64_t rows = 0;
  std::vector<ArrowColumn> columns;
  std::vector<std::string> names;  ///< of all columns in the file, structs as one

  const ArrowColumn* find(std::string_view name) const {
    for (const auto& each : columns)
      if (each.name == name) return &each;
    return nullptr;
  }
};

/// Whether a file is Parquet, or Arrow's file format (not its stream, which has no mark), from its first bytes.
inline bool is_arrow_file(std::string_view head) { return head.starts_with("PAR1") || head.starts_with("ARROW1"); }

/// Reads Parquet files, Arrow files and Arrow streams, and calls f(which of `paths`, table) for one after another.
/// `columns`: those to read ("observations" is all of a struct); none: all.
///
/// The files are read by pyarrow in a process of its own, python3 or what the environment variable TESSERA_PYTHON
/// names, which has no more memory than `limits` allow, may write no file, and sends the values through a pipe.  They
/// are checked as they arrive.  No shell is involved, and nothing is run that lies beside the files.
void read_arrow_tables(const std::vector<std::string>& paths, const std::vector<std::string>& columns,
                       const ReadLimits& limits, const std::function<void(std::size_t, ArrowTable)>& f);

/// The same for one file in parts of at most so many rows: f(part) says whether more are wanted.
void read_arrow_parts(const std::string& path, const std::vector<std::string>& columns, std::int64_t rows,
                      const ReadLimits& limits, const std::function<bool(ArrowTable)>& f);

/// The same for one file.
ArrowTable read_arrow_table(const std::string& path, const std::vector<std::string>& columns = {},
                            const ReadLimits& limits = {});

/// Why Arrow and Parquet files cannot be read here, and what to install; "" if they can.
std::string why_no_arrow();
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/arrow_table.impl.hpp>
#endif
