#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
}  // namespace tessera
