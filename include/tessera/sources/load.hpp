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
#include <tessera/sources/request.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
class NpzFile;

/// A format of data sets, or a source of data that is not a file:
///   `name`                  data sets are asked for as "NAME:REQUEST"
///   `read(request, limits)` the data set; throws an `Error` that says what is wrong
///   `sniff(head)`           optional: whether a file has this format, from its first 4096 bytes, or all of a shorter
///                           one; then the path alone is enough, and is the request
///   `sniff_folder(path)`    optional: the same for a folder
///   `sniff(file)`           optional: the same for an HDF5 file, from its keys: one of a folder's, whose path is read
///   `in_pieces`             optional: true where the reader hands over whole episodes if it is asked to
///                           (`ReadLimits::hand_over`)
///   `request`               optional: what a request is called in the help.  The default, "PATH", is a file's or
///                           folder's path, which "?OPTIONS" may follow (see `DataRequest`); with any other word no
///                           file is looked for
template <class F>
concept DataFormat = requires(const std::string& request, const ReadLimits& limits) {
  { F::name } -> std::convertible_to<const char*>;
  { F::read(request, limits) } -> std::convertible_to<Dataset>;
};
namespace detail {
// A layout reads a file, or a file with options.
template <class F, class File>
concept ReadsWithOptions = requires(const File& file, DataRequest& request) {
  { F::read(file, request) } -> std::convertible_to<Dataset>;
};
template <class F, class File>
concept LayoutOf = ReadsWithOptions<F, File> || requires(const File& file) {
  { F::read(file) } -> std::convertible_to<Dataset>;
};
template <class F, class File>
concept Layout = LayoutOf<F, File> && requires(const File& file) {
  { F::name } -> std::convertible_to<const char*>;
  { F::sniff(file) } -> std::convertible_to<bool>;
};
}  // namespace detail
/// A layout of HDF5 files:
///   `name`                 as above
///   `sniff(file)`          whether a file has this layout, from its keys
///   `read(file)`           the data set; or
///   `read(file, request)`  the same with options that the layout has: it takes them from the request
template <class F>
concept Hdf5Layout = detail::Layout<F, hdf5::File>;
/// A layout of .npz files, likewise; <tessera/io/npz.hpp> has what they are read with.
template <class F>
concept NpzLayout = detail::Layout<F, NpzFile>;

/// One reader of the table.
struct DatasetReader {
  std::string name;
  std::string request = "PATH";
  Dataset (*read)(const std::string& request, const ReadLimits& limits) = nullptr;
  bool (*sniff)(std::string_view head) = nullptr;  ///< null: found by name only
  bool (*sniff_folder)(const std::string& path) = nullptr;
  bool (*sniff_hdf5)(const hdf5::File& file) = nullptr;
  Dataset (*read_hdf5)(const hdf5::File& file, DataRequest& request) = nullptr;
  bool (*sniff_npz)(const NpzFile& file) = nullptr;
  Dataset (*read_npz)(const NpzFile& file, DataRequest& request) = nullptr;

  bool in_pieces = false;

  bool of_file() const { return request == "PATH"; }
};

/// Opens "NAME" or "NAME?seed=K", the part after "builtin:".
Dataset load_builtin(const std::string& request);

namespace detail {
template <class F, class File>
Dataset read_layout(const File& file, DataRequest& request) {
  if constexpr (ReadsWithOptions<F, File>) return F::read(file, request);
  else return F::read(file);
}
template <class F>
DatasetReader reader_of() {
  DatasetReader out{F::name};
  if constexpr (requires { F::in_pieces; }) out.in_pieces = F::in_pieces;
  if constexpr (Hdf5Layout<F>) {
    out.sniff_hdf5 = [](const hdf5::File& file) -> bool { return F::sniff(file); };
    out.read_hdf5 = read_layout<F, hdf5::File>;
  }
  if constexpr (NpzLayout<F>) {
    out.sniff_npz = [](const NpzFile& file) -> bool { return F::sniff(file); };
    out.read_npz = read_layout<F, NpzFile>;
  }
  if constexpr (DataFormat<F>) {
    out.read = [](const std::string& request, const ReadLimits& limits) -> Dataset { return F::read(request, limits); };
    if constexpr (requires { F::request; }) out.request = F::request;
    if constexpr (requires(std::string_view head) { F::sniff(head); })
      out.sniff = [](std::string_view head) -> bool { return F::sniff(head); };
    if constexpr (requires(const hdf5::File& file) { F::sniff(file); })
      out.sniff_hdf5 = [](const hdf5::File& file) -> bool { return F::sniff(file); };
    if constexpr (requires(const std::string& path) { F::sniff_folder(path); })
      out.sniff_folder = [](const std::string& path) -> bool { return F::sniff_folder(path); };
  }
  return out;
}
}  // namespace detail

/// All readers: the built-in ones first, then those that a program registers.
std::vector<DatasetReader>& dataset_readers();

/// Adds a format to the table of `load_dataset`:  `const Reader<MyFormat> mine;`  in a source file.
template <class F>
  requires(DataFormat<F> || Hdf5Layout<F> || NpzLayout<F>)
struct Reader {
  Reader() { dataset_readers().push_back(detail::reader_of<F>()); }
};

/// Throws if two readers have the same name.
void require_distinct_readers();

/// The reader that "NAME:REQUEST" names, and the request; null for anything else, which is a path.
std::pair<const DatasetReader*, std::string> find_reader(const std::string& source);

/// Throws unless `path` is a file that begins as HDF5 files do.
void require_hdf5(const std::string& path);

/// Throws if it is clear without reading it that a data set does not exist.
void require_dataset(const std::string& source);

/// Opens a data set: "builtin:NAME", "builtin:NAME?seed=K" (see `builtin_datasets`), "icu-sepsis:PATH" with options
/// (see `icu_sepsis_dataset`), or the path of a file or folder in a format of the table, recognized by its content, or
/// named before the path: "NAME:PATH".  The program's own `Reader`s are in the table.  Findings that are not fatal are
/// in the result's `warnings`.  For a file that may be malicious, use `load_untrusted`.
Dataset load_dataset(const std::string& source, const ReadLimits& limits = {});

/// The same for what learns batch by batch: the transitions of a store that would take more than `limits.bytes` of
/// memory (0: half of the machine's), as a data set and as the replay buffer made of it, stay on the disk: see
/// `open_store`.
Dataset open_dataset(const std::string& source, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/load.impl.hpp>
#endif
