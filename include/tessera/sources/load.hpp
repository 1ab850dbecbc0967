#pragma once
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/hdf5.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// A format of data sets that is not HDF5, or a source of data that is not a file:
///   `name`                  data sets are asked for as "NAME:REQUEST"
///   `read(request, limits)` the data set; throws an `Error` that says what is wrong
///   `sniff(head)`           optional: whether a file has this format, from its first 4096 bytes, or all of a shorter
///                           one; then the path alone is enough, and is the request
///   `request`               optional: what a request is called in the help.  The default, "PATH", is a file's path,
///                           which "?OPTIONS" may follow; with any other word no file is looked for
template <class F>
concept DataFormat = requires(const std::string& request, const ReadLimits& limits) {
  { F::name } -> std::convertible_to<const char*>;
  { F::read(request, limits) } -> std::convertible_to<Dataset>;
};
/// A layout of HDF5 files:
///   `name`         as above
///   `sniff(file)`  whether a file has this layout, from its keys
///   `read(file)`   the data set
template <class F>
concept Hdf5Layout = requires(const hdf5::File& file) {
  { F::name } -> std::convertible_to<const char*>;
  { F::sniff(file) } -> std::convertible_to<bool>;
  { F::read(file) } -> std::convertible_to<Dataset>;
};

/// One reader of the table.
struct DatasetReader {
  std::string name;
  std::string request = "PATH";
  Dataset (*read)(const std::string& request, const ReadLimits& limits) = nullptr;
  bool (*sniff)(std::string_view head) = nullptr;  ///< null: found by name only
  bool (*sniff_hdf5)(const hdf5::File& file) = nullptr;
  Dataset (*read_hdf5)(const hdf5::File& file) = nullptr;

  bool of_file() const { return request == "PATH"; }
};

/// Opens "NAME" or "NAME?seed=K", the part after "builtin:".
Dataset load_builtin(const std::string& request);

namespace detail {
template <class F>
DatasetReader reader_of() {
  DatasetReader out{F::name};
  if constexpr (Hdf5Layout<F>) {
    out.sniff_hdf5 = [](const hdf5::File& file) -> bool { return F::sniff(file); };
    out.read_hdf5 = [](const hdf5::File& file) -> Dataset { return F::read(file); };
  } else {
    out.read = [](const std::string& request, const ReadLimits& limits) -> Dataset { return F::read(request, limits); };
    if constexpr (requires { F::request; }) out.request = F::request;
    if constexpr (requires(std::string_view head) { F::sniff(head); })
      out.sniff = [](std::string_view head) -> bool { return F::sniff(head); };
  }
  return out;
}
}  // namespace detail

/// All readers: the built-in ones first, then those that a program registers.
std::vector<DatasetReader>& dataset_readers();

/// Adds a format to the table of `load_dataset`:  `const Reader<MyFormat> mine;`  in a source file.
template <class F>
  requires(DataFormat<F> || Hdf5Layout<F>)
struct Reader {
  Reader() { dataset_readers().push_back(detail::reader_of<F>()); }
};

/// Throws if two readers have the same name.
void require_distinct_readers();

/// The reader that "NAME:REQUEST" names, and the request; null for anything else, which is a path.
std::pair<const DatasetReader*, std::string> find_reader(const std::string& source);

namespace detail {
// The name of the file in a request "PATH?OPTIONS".
std::string path_of_request(const std::string& request);
}  // namespace detail

/// Throws unless `path` is a file that begins as HDF5 files do.
void require_hdf5(const std::string& path);

/// Throws if it is clear without reading it that a data set does not exist.
void require_dataset(const std::string& source);

/// Opens a data set: "builtin:NAME", "builtin:NAME?seed=K" (see `builtin_datasets`), "icu-sepsis:PATH" with options
/// (see `icu_sepsis_dataset`), or the path of an HDF5 file in the layout of D4RL or d3rlpy 1, told apart by their keys;
/// and what the program's own `Reader`s read, by "NAME:REQUEST" or by content.  Findings that are not fatal are in the
/// result's `warnings`.  For a file that may be malicious, use `load_untrusted`.
Dataset load_dataset(const std::string& source, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/load.impl.hpp>
#endif
