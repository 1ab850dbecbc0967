#pragma once
#include <concepts>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/write_parts.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// A format that data sets are written in:
///   `name`              what it is asked for by
///   `endings`           the endings of the names that ask for it as well, with commas between: ".csv,.tsv"; "" if none
///   `write(path, data)` writes it, and returns what it does not hold (or nothing, if it holds everything); throws an
///                       `Error` that says what is wrong, and then leaves `path` as it was: see `write_atomically`
///   `is_folder`         optional: true where `path` is a folder
///   `is_one(path)`      for a folder: whether that folder is nothing but a data set in this format, so that a new one
///                       may take its place
template <class F>
concept WritesDatasets = requires(const std::string& path, const Dataset& data) {
  { F::name } -> std::convertible_to<const char*>;
  { F::endings } -> std::convertible_to<const char*>;
  F::write(path, data);
};

/// One writer of the table.
struct DatasetWriter {
  std::string name, endings;
  Losses (*write)(const std::string& path, const Dataset& data) = nullptr;
  bool (*is_one)(const std::string& path) = nullptr;  ///< null: it writes a file
};

namespace detail {
template <class F>
DatasetWriter writer_of() {
  DatasetWriter out{F::name, F::endings};
  out.write = [](const std::string& path, const Dataset& data) -> Losses {
    if constexpr (requires {
                    { F::write(path, data) } -> std::convertible_to<Losses>;
                  })
      return F::write(path, data);
    else return F::write(path, data), Losses{};
  };
  if constexpr (requires { F::is_folder; }) {
    static_assert(
        requires(const std::string& path) {
          { F::is_one(path) } -> std::convertible_to<bool>;
        },
        "a format that is a folder says with is_one(path) whether a folder may be replaced");
    out.is_one = [](const std::string& path) -> bool { return F::is_one(path); };
  }
  return out;
}
}  // namespace detail

namespace detail {
// "d4rl (.hdf5), minari (a folder), ...".
std::string writers_text();
}  // namespace detail

/// All writers: the built-in ones first, then those that a program registers.
std::vector<DatasetWriter>& dataset_writers();

/// Adds a format to the table of `write_dataset`:  `const Writer<MyFormat> mine;`  in a source file.
template <WritesDatasets F>
struct Writer {
  Writer() { dataset_writers().push_back(detail::writer_of<F>()); }
};

/// Throws if two writers have the same name.
void require_distinct_writers();

struct WriteOptions {
  std::string to{};        ///< the writer's name; "": the one that `path`'s ending asks for
  bool overwrite = false;  ///< whether what is there already is replaced
};

/// The writer that `write_dataset` uses; throws an Error that lists them if there is none.
const DatasetWriter& find_writer(const std::string& path, const WriteOptions& o = {});

/// Throws an Error for what can be seen before the data are read: that there is no such format, that `path` is there
/// already, or that its folder is not.
void require_writable(const std::string& path, const WriteOptions& o = {});

/// Writes a data set and returns what the format does not hold, a line for each thing.  The file or folder appears
/// under its name when it is whole and on the disk; what was there before stays until then.
Losses write_dataset(const std::string& path, const Dataset& data, const WriteOptions& o = {});

/// Writes the data set that `load_dataset(source, limits)` reads as a store, which holds what `write_dataset` would
/// write.  Of HDF5 files in the layouts of D4RL, d3rlpy and robomimic, of Minari and LeRobot data sets and of tables
/// whose rows are in order (`read_log_table`) no more than `limits` allow is in memory at once, whatever their size;
/// others have to fit.  Returns its last transitions, with what is known of the whole: its name, sizes and warnings.
Dataset stream_to_store(const std::string& path, const std::string& source, const ReadLimits& limits,
                        const WriteOptions& o = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/write.impl.hpp>
#endif
