#pragma once
#include <string>
#include <string_view>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/hdf5.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/sources/request.hpp>
#include <tessera/support/read_limits.hpp>

/// The readers of tables, for the table of `load_dataset`.  Which column is what is said by the option `columns=`, or
/// guessed from the columns' names: see `ColumnMapping` and `read_log_table`.
namespace tessera::detail {
/// Text tables, also compressed with gzip (log.csv.gz); `delimiter=`, `decimal=` and `header=` say what is not found
/// out rightly.
struct CsvData {
  static constexpr const char* name = "csv";
  static constexpr bool in_pieces = true;
  static bool sniff(std::string_view head);
  static Dataset read(const std::string& request, const ReadLimits& limits);
};
/// Parquet and Arrow files.
struct ArrowTableData {
  static constexpr const char* name = "parquet";
  static constexpr bool in_pieces = true;
  static bool sniff(std::string_view head);
  static Dataset read(const std::string& request, const ReadLimits& limits);
};
/// HDF5 files with other keys or shapes than D4RL's, if these leave no doubt; with `columns=`, any.
struct Hdf5Table {
  static constexpr const char* name = "hdf5-table";
  static constexpr bool in_pieces = true;
  static bool sniff(const hdf5::File& file);
  static Dataset read(const hdf5::File& file, DataRequest& request);
  /// The mapping that a user might mean; empty if there is none.
  static std::string likely(const hdf5::File& file);
};
/// The same for .npz files that no layout recognizes.
struct NpzTable {
  static bool sniff(const NpzFile& file);
  static Dataset read(const NpzFile& file, DataRequest& request);
  static std::string likely(const NpzFile& file);
};
}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include <tessera/sources/log_tables.impl.hpp>
#endif
