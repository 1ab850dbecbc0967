#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/array_table.hpp>
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
inline constexpr std::size_t most_arrays = 4096, deepest = 8;
inline constexpr std::int64_t widest = 1 << 20;  // numbers in a row

// The arrays below a group that hold numbers.
TESSERA_INLINE void collect(const hdf5::File& file, const std::string& group, std::size_t depth,
                            std::vector<Array>& found) {
  if (depth > deepest) return;
  for (const auto& name : file.keys(group.empty() ? "/" : group, most_arrays)) {
    if (found.size() >= most_arrays) return;
    const auto key = group.empty() ? name : group + "/" + name;
    try {
      const auto info = file.info(key);
      if (!info.shape.empty() && (info.type == hdf5::type_class::integer || info.type == hdf5::type_class::floating))
        found.push_back({key, info.shape, info.type == hdf5::type_class::integer});
    } catch (const Error&) {  // a group, or what cannot be read
      std::vector<Array> below;
      try {
        collect(file, key, depth + 1, below);
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
}  // namespace tessera::array_table

namespace tessera {
TESSERA_INLINE TableSource hdf5_source(const hdf5::File& file) {
  std::vector<array_table::Array> all;
  array_table::collect(file, "", 0, all);
  auto heads = array_table::heads_of(all);
  std::vector<Warning> warnings;
  for (const auto& a : all)
    if (a.shape.size() > 2 && a.key.find("info") == std::string::npos)
      warnings.push_back({"flattened", "key '" + printable_name(a.key) + "' has rows of rank " +
                                           std::to_string(a.shape.size() - 1) + ", which are flattened"});
  if (warnings.size() > 8) warnings.resize(8);
  auto read = [&file, heads, all](const std::vector<TableSource::Wanted>& wanted) {
    LogTable table;
    for (const auto& w : wanted) {
      const auto& a = all[w.column];
      TableColumn column;
      column.name = a.key, column.width = heads[w.column].width, column.whole = a.whole;
      column.numbers = file.read<double>(a.key);
      table.rows = a.shape[0];
      table.columns.push_back(std::move(column));
    }
    return table;
  };
  return {file.path(), "hdf5", std::move(heads), std::move(warnings), std::move(read)};
}
}  // namespace tessera
