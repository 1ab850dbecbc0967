#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/array_table.hpp>
#include <tessera/io/table_parts.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::array_table {
// An array that might be a column.
struct Array {
  std::string key;
  std::vector<std::int64_t> shape;
  bool whole = false;
};
inline constexpr std::size_t most_arrays = 4096, most_groups = 512, deepest = 8;
inline constexpr std::int64_t widest = 1 << 20;               // numbers in a row
inline constexpr std::int64_t exact = std::int64_t{1} << 53;  // up to which a double holds every whole number

// The arrays below a group that hold numbers.  Groups may hold each other, and there would be no end of them: no more
// than `left` are looked at.
TESSERA_INLINE void collect(const hdf5::File& file, const std::string& group, std::size_t depth, std::size_t& left,
                            std::vector<Array>& found) {
  if (depth > deepest) return;
  for (const auto& name : file.keys(group.empty() ? "/" : group, most_arrays)) {
    if (found.size() >= most_arrays || left == 0) return;
    const auto key = group.empty() ? name : group + "/" + name;
    try {
      const auto info = file.info(key);
      if (!info.shape.empty() && (info.type == hdf5::type_class::integer || info.type == hdf5::type_class::floating))
        found.push_back({key, info.shape, info.type == hdf5::type_class::integer});
    } catch (const Error&) {  // a group, or what cannot be read
      --left;
      std::vector<Array> below;
      try {
        collect(file, key, depth + 1, left, below);
      } catch (const Error&) {
        continue;
      }
      found.insert(found.end(), below.begin(), below.end());
    }
  }
}

// The number of rows that most arrays have; of equally many, the largest.
TESSERA_INLINE std::int64_t rows_of(const std::vector<Array>& all) {
  std::map<std::int64_t, std::size_t> count;
  for (const auto& a : all) ++count[a.shape[0]];
  std::int64_t rows = 0;
  std::size_t most = 0;
  for (const auto& [size, arrays] : count)
    if (arrays >= most) most = arrays, rows = size;
  return rows;
}

// Keeps the arrays that are columns of one table, and says which these are.
TESSERA_INLINE std::vector<ColumnHead> heads_of(std::vector<Array>& all) {
  const auto rows = rows_of(all);
  std::vector<ColumnHead> heads;
  std::erase_if(all, [&](const Array& a) {
    std::int64_t width = 1;
    for (std::size_t k = 1; k < a.shape.size(); ++k)
      width = a.shape[k] > 0 && width <= widest ? width * std::min(a.shape[k], widest + 1) : widest + 1;
    if (a.shape[0] != rows || width > widest) return true;
    heads.push_back({a.key, width, false});
    return false;
  });
  return heads;
}

// The columns that are asked for, of a file or of a part of it.
template <class File, class Read>
LogTable table_of(const File& file, const std::vector<ColumnHead>& heads, const std::vector<Array>& all,
                  const std::vector<TableSource::Wanted>& wanted, Read read_numbers) {
  LogTable table;
  table.first_row = file.first_row();
  for (const auto& w : wanted) {
    const auto& a = all[w.column];
    TableColumn column;
    column.name = a.key, column.width = heads[w.column].width, column.whole = a.whole;
    column.numbers = read_numbers(file, a.key);
    table.rows = std::int64_t(column.numbers.size()) / column.width;
    table.columns.push_back(std::move(column));
  }
  return table;
}

// The table of arrays that `read_numbers` reads.
template <class File, class Read>
TableSource source_of(const File& file, const char* format, std::vector<Array> all, Read read_numbers) {
  auto heads = heads_of(all);
  std::vector<Warning> warnings;
  for (const auto& a : all)
    if (a.shape.size() > 2 && a.key.find("info") == std::string::npos)
      warnings.push_back({"flattened", "key '" + printable_name(a.key) + "' has rows of rank " +
                                           std::to_string(a.shape.size() - 1) + ", which are flattened"});
  if (warnings.size() > 8) warnings.resize(8);
  TableSource out{file.path(), format, heads, std::move(warnings), {}, {}, file.limits()};
  out.read = [=, &file](const std::vector<TableSource::Wanted>& wanted) {
    return table_of(file, heads, all, wanted, read_numbers);
  };
  out.read_parts = [=, &file](const std::vector<TableSource::Wanted>& wanted, std::int64_t at_once,
                              const std::function<void(LogTable)>& f) {
    const auto rows = all.empty() ? 0 : all[0].shape[0];
    for (std::int64_t first = 0; first < rows; first += at_once)
      f(table_of(file.part(rows, first, std::min(at_once, rows - first)), heads, all, wanted, read_numbers));
  };
  return out;
}
}  // namespace tessera::array_table

namespace tessera {
TESSERA_INLINE TableSource hdf5_source(const hdf5::File& file) {
  std::vector<array_table::Array> all;
  auto left = array_table::most_groups;
  array_table::collect(file, "", 0, left, all);
  return array_table::source_of(file, "hdf5", std::move(all),
                                [](const hdf5::File& of, const std::string& key) { return of.read<double>(key); });
}

TESSERA_INLINE TableSource npz_source(const NpzFile& file) {
  std::vector<array_table::Array> all;
  for (const auto& key : file.keys()) {
    if (all.size() >= array_table::most_arrays) break;
    try {
      const auto header = file.header(key);
      const auto kind = header.type.size() > 1 ? header.type[1] : ' ';
      const std::string_view wholes = "biu", numbers = "biuf";
      if (!header.shape.empty() && numbers.find(kind) != std::string_view::npos)
        all.push_back({key, header.shape, wholes.find(kind) != std::string_view::npos});
    } catch (const Error&) {  // it is said when it is asked for
    }
  }
  return array_table::source_of(file, "npz", std::move(all),
                                [](const NpzFile& of, const std::string& key) { return of.read(key).values; });
}

namespace array_table {
// Whether a column of a file can be one of a log.
TESSERA_INLINE bool may_be_column(const ArrowColumn& c) {
  return (c.is_number() || c.type == ArrowColumn::kind::text) && !c.has_lists_of_different_lengths() &&
         c.width() >= 1 && c.width() <= widest && (c.type != ArrowColumn::kind::text || c.width() == 1);
}
// Its numbers or texts; the memory of the column is reused.
TESSERA_INLINE TableColumn table_column(ArrowColumn& from, column_reading as) {
  TableColumn to;
  to.name = from.name, to.width = from.width(), to.whole = from.type != ArrowColumn::kind::real;
  const auto count = from.values();
  const bool too_long =
      from.type == ArrowColumn::kind::whole &&
      std::any_of(from.whole.begin(), from.whole.end(), [](std::int64_t x) { return x > exact || x < -exact; });
  if (from.type == ArrowColumn::kind::text) {
    to.texts = from.labels;
    to.codes.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      to.codes.push_back(from.is_missing(i) ? TableColumn::no_text : static_cast<std::uint32_t>(from.whole[i]));
  } else if (from.type != ArrowColumn::kind::real &&
             (as == column_reading::texts || (as == column_reading::exactly && too_long))) {
    std::map<std::int64_t, std::uint32_t> codes;
    for (std::size_t i = 0; i < count; ++i) {
      const auto [at, is_new] = codes.emplace(from.whole[i], std::uint32_t(to.texts.size()));
      if (is_new) to.texts.push_back(std::to_string(from.whole[i]));
      to.codes.push_back(from.is_missing(i) ? TableColumn::no_text : at->second);
    }
  } else {
    to.numbers = std::move(from.real);
    if (from.type != ArrowColumn::kind::real) to.numbers.assign(from.whole.begin(), from.whole.end());
    for (std::size_t i = 0; i < count; ++i)
      if (from.is_missing(i)) to.numbers[i] = std::numeric_limits<double>::quiet_NaN();
  }
  std::vector<std::int64_t>().swap(from.whole);
  return to;
}
// The same columns of each part of a file.
TESSERA_INLINE void read_arrow_table_parts(const std::string& path, const std::vector<ColumnHead>& heads,
                                           const ReadLimits& limits, const std::vector<TableSource::Wanted>& wanted,
                                           std::int64_t rows, const std::function<void(LogTable)>& f) {
  std::vector<std::string> names;
  for (const auto& w : wanted) names.push_back(heads[w.column].name);
  std::int64_t first = 0;
  read_arrow_parts(path, names, rows, limits, [&](ArrowTable part) {
    LogTable found;
    found.rows = part.rows, found.first_row = first;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const auto at = std::find_if(part.columns.begin(), part.columns.end(),
                                   [&](const ArrowColumn& c) { return c.name == names[k]; });
      if (at == part.columns.end() || !may_be_column(*at) || at->width() != heads[wanted[k].column].width)
        throw Error(printable(path) + ": column '" + printable_name(names[k]) +
                    "' has lists of different lengths; make them of one length, or raise the memory limit");
      found.columns.push_back(table_column(*at, wanted[k].as));
    }
    first += part.rows;
    f(std::move(found));
    return true;
  });
}
}  // namespace array_table

TESSERA_INLINE TableSource arrow_source(const std::string& path, const ReadLimits& limits) {
  // What is in a file is known when it is read, or the beginning of it.
  const bool parts = limits.hand_over != nullptr;
  auto table = std::make_shared<ArrowTable>();
  if (!parts) *table = read_arrow_table(path, {}, limits);
  else
    read_arrow_parts(path, {}, 64, limits, [&](ArrowTable first) {
      *table = std::move(first);
      return false;
    });
  TableSource out{printable(path), "parquet", {}, {}, {}};
  std::erase_if(table->columns, [](const ArrowColumn& c) { return !array_table::may_be_column(c); });
  for (const auto& c : table->columns) {
    if (c.name.starts_with("__index_level_"))
      out.warnings.push_back({"unnamed-column", "column '" + printable_name(c.name) + "' is a data frame's index"});
    out.columns.push_back({c.name, c.width(), c.type == ArrowColumn::kind::text});
  }
  if (table->rows == 0) throw Error(out.name + ": holds no rows; give a table with data");
  out.limits = limits;
  if (parts) {
    const auto heads = out.columns;
    out.read_parts = [=](const std::vector<TableSource::Wanted>& wanted, std::int64_t rows,
                         const std::function<void(LogTable)>& f) {
      array_table::read_arrow_table_parts(path, heads, limits, wanted, rows, f);
    };
    out.read = [=](const std::vector<TableSource::Wanted>& wanted) {
      LogTable all;
      array_table::read_arrow_table_parts(path, heads, limits, wanted, std::int64_t{1} << 40,
                                          [&](LogTable part) { append_rows(all, std::move(part)); });
      return all;
    };
    return out;
  }
  out.read = [table](const std::vector<TableSource::Wanted>& wanted) {
    LogTable found;
    found.rows = table->rows;
    for (const auto& w : wanted) found.columns.push_back(array_table::table_column(table->columns[w.column], w.as));
    return found;
  };
  return out;
}
}  // namespace tessera
