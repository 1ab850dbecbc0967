#pragma once
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/array_table.hpp>
#include <tessera/io/csv.hpp>
#include <tessera/io/unpacked_text.hpp>
#include <tessera/sources/log_tables.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::detail {
TESSERA_INLINE TableOptions table_options(DataRequest& request) {
  return {request.take("columns"), request.take("missing")};
}
TESSERA_INLINE CsvStyle csv_style(DataRequest& request) {
  CsvStyle style;
  const auto choose = [&](const std::string& option, const std::vector<std::pair<std::string, char>>& values) {
    const auto given = request.take(option);
    if (!given) return char(0);
    std::string all;
    for (const auto& [name, value] : values) {
      if (*given == name) return value;
      all += (all.empty() ? "" : ", ") + name;
    }
    throw Error(printable(request.path()) + ": " + option + "=" + printable_name(*given) + ": there are " + all);
  };
  style.delimiter = choose("delimiter", {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}});
  style.decimal = choose("decimal", {{"point", '.'}, {"comma", ','}});
  if (const char header = choose("header", {{"yes", 'y'}, {"no", 'n'}}); header != 0) style.header = header == 'y';
  return style;
}

TESSERA_INLINE bool CsvData::sniff(std::string_view head) {
  return is_gzip(head) ? CsvFile::sniff(unpacked_head(head)) : CsvFile::sniff(head);
}
TESSERA_INLINE Dataset CsvData::read(const std::string& text, const ReadLimits& limits) {
  DataRequest request(text);
  const auto style = csv_style(request);
  const auto options = table_options(request);
  request.require_all_taken({"columns", "missing", "actions", "delimiter", "decimal", "header"});
  return read_log_table(csv_source(request.path(), style, limits), options);
}

TESSERA_INLINE bool ArrowTableData::sniff(std::string_view head) { return is_arrow_file(head); }
TESSERA_INLINE Dataset ArrowTableData::read(const std::string& text, const ReadLimits& limits) {
  DataRequest request(text);
  const auto options = table_options(request);
  request.require_all_taken({"columns", "missing", "actions"});
  return read_log_table(arrow_source(request.path(), limits), options);
}

TESSERA_INLINE bool Hdf5Table::sniff(const hdf5::File& file) {
  bool d4rl = true;
  for (const char* key : {"observations", "actions", "rewards", "terminals"}) d4rl = d4rl && file.exists(key);
  if (d4rl) {
    try {  // columns of other shapes: observations (N), or in a group
      const auto actions = file.info("actions");
      if (file.info("observations").shape.size() == 2 &&
          (actions.shape.size() == 2 || actions.type == hdf5::type_class::integer))
        return false;
    } catch (const Error&) {
    }
  }
  return file.count_keys() < 1000 && is_enough(guess_columns(hdf5_source(file).columns));
}
TESSERA_INLINE std::string Hdf5Table::likely(const hdf5::File& file) {
  return likely_mapping(hdf5_source(file).columns);
}
TESSERA_INLINE Dataset Hdf5Table::read(const hdf5::File& file, DataRequest& request) {
  return read_log_table(hdf5_source(file), table_options(request));
}
TESSERA_INLINE bool NpzTable::sniff(const NpzFile& file) {
  return file.keys().size() < 1000 && is_enough(guess_columns(npz_source(file).columns));
}
TESSERA_INLINE Dataset NpzTable::read(const NpzFile& file, DataRequest& request) {
  return read_log_table(npz_source(file), table_options(request));
}
TESSERA_INLINE std::string NpzTable::likely(const NpzFile& file) { return likely_mapping(npz_source(file).columns); }
}  // namespace tessera::detail
