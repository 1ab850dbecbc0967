#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/hdf5_filters.hpp>
#include <tessera/io/hdf5_handle.hpp>
#include <tessera/io/hdf5_structure.hpp>
#include <tessera/io/hdf5_superblock.hpp>
#include <tessera/io/regular_file.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera::hdf5 {
/// The element kind of a data set; enumerations (including h5py's booleans) count as integers.
enum class type_class { integer, floating, text, other };

type_class class_of(hid_t type);

/// Shape and kind of a data set; a scalar has an empty shape.
struct Info {
  type_class type = type_class::other;
  std::vector<std::int64_t> shape;
};

/// The element types a file is read into and written from; all are little-endian in the file.
template <class T>
concept Element =
    std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int64_t> || std::same_as<T, std::uint8_t>;

template <Element T>
hid_t memory_type() {
  if constexpr (std::same_as<T, float>) return H5T_NATIVE_FLOAT;
  if constexpr (std::same_as<T, double>) return H5T_NATIVE_DOUBLE;
  if constexpr (std::same_as<T, std::int64_t>) return H5T_NATIVE_INT64;
  if constexpr (std::same_as<T, std::uint8_t>) return H5T_NATIVE_UINT8;
}
template <Element T>
hid_t file_type() {
  if constexpr (std::same_as<T, float>) return H5T_IEEE_F32LE;
  if constexpr (std::same_as<T, double>) return H5T_IEEE_F64LE;
  if constexpr (std::same_as<T, std::int64_t>) return H5T_STD_I64LE;
  if constexpr (std::same_as<T, std::uint8_t>) return H5T_STD_U8LE;
}

/// An open HDF5 file.  Keys are paths ("a/b"); writing creates the groups in between.  Every failure is an `Error` with
/// file, key, reason and remedy.  Not thread-safe, because the HDF5 library is not.
///
/// References that a file from somebody else may contain are not followed: other files (external links, external
/// storage, virtual data sets), user-defined links, plugins.  No memory is allocated before it is counted against the
/// limits.  libhdf5 itself may still crash or hang on a malicious file: `load_untrusted` reads such files in a process
/// of their own.
class File {
 public:
  /// Opens for reading.
  static File open(const std::string& path, const ReadLimits& limits = {});
  /// Creates a new file, or empties an old one.
  static File create(const std::string& path);
  /// Finishes writing and reports what the disk refused; without this call a failure at closing goes unnoticed.
  void close();

  /// The same file, of whose data sets with `rows` rows only `count` are there, from row `first` on.  Errors count the
  /// rows from `first_row()`.
  File part(std::int64_t rows, std::int64_t first, std::int64_t count) const;
  std::int64_t first_row() const { return window_.first; }

  const std::string& path() const { return path_; }
  /// Those that it was opened with.
  const ReadLimits& limits() const { return budget_.limits(); }
  bool exists(const std::string& key) const;
  bool is_group(const std::string& key) const;
  /// Names, in order; if there are more than `max`, any `max` of them.
  std::vector<std::string> keys(const std::string& group = "/",
                                std::size_t max = std::numeric_limits<std::size_t>::max()) const;
  std::uint64_t count_keys(const std::string& group = "/") const;
  Info info(const std::string& key) const;

  /// All elements in row-major order.  Conversions preserve the value: reading an integer type from a file of floats or
  /// wider integers fails at the first element that does not fit.
  template <Element T>
  std::vector<T> read(const std::string& key) const;
  /// The same with the shape, in one look-up of the key: for files of very many small data sets.
  template <Element T>
  std::vector<T> read(const std::string& key, std::vector<std::int64_t>& shape) const;
  /// The same, passed on piece by piece: f(index of its first element, elements), in row-major order.
  template <Element T, class F>
  void read_pieces(const std::string& key, F f) const;
  /// The first piece.
  template <Element T>
    requires std::floating_point<T> std::vector<T> read_first_piece(const std::string& key)
  const;
  /// The single element of a scalar, or of an array that has one.
  template <Element T>
  T read_scalar(const std::string& key) const;
  std::string read_string(const std::string& key) const;
  /// The texts of a list of them, of fixed or variable length.
  std::vector<std::string> read_strings(const std::string& key) const;
  /// The text attribute `name` of `key` ("/" is the file); empty when there is none.
  std::string read_attribute(const std::string& key, const std::string& name) const;
  /// Throws an Error if what is made of `key` takes more memory than is left of the limits.
  void require_memory(const std::string& key, double bytes) const;

  /// Writes `shape` (empty: a scalar) elements from `data`; the key must be new.
  template <Element T>
  void write(const std::string& key, const T* data, const std::vector<std::int64_t>& shape) {
    write_raw(key, file_type<T>(), memory_type<T>(), data, shape);
  }
  template <Element T>
  void write(const std::string& key, const std::vector<T>& data, const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (const auto extent : shape) count *= extent;
    if (count != static_cast<std::int64_t>(data.size()))
      fail(path_, key, "the shape does not hold " + std::to_string(data.size()) + " elements", "correct the shape");
    write(key, data.data(), shape);
  }
  template <Element T>
  void write(const std::string& key, const std::vector<T>& data) {
    write(key, data.data(), {static_cast<std::int64_t>(data.size())});
  }
  void write_string(const std::string& key, const std::string& text);
  void write_strings(const std::string& key, const std::vector<std::string>& texts);
  /// Flags of 0 and 1 as h5py writes booleans: an enumeration of FALSE and TRUE.
  void write_flags(const std::string& key, const std::vector<std::uint8_t>& flags,
                   const std::vector<std::int64_t>& shape);
  void write_attribute(const std::string& key, const std::string& name, const std::string& text);
  void write_attribute(const std::string& key, const std::string& name, std::int64_t number);

 private:
  /// What has to be known to read a data set.
  struct Plan {
    Handle dataset, type;
    type_class kind = type_class::other;
    std::vector<hsize_t> extent, chunk;  ///< chunk: empty without chunks
    std::vector<Filter> filters;
    bool unpack_here = false;                  ///< whether chunks are unpacked here, not by libhdf5
    std::size_t rows = 1, row = 1, count = 1;  ///< rows to read, numbers in a row, the product of both
    std::size_t begin = 0;                     ///< the first of these rows
    std::size_t stored = 1;                    ///< how many rows there are
    std::size_t step = 1;                      ///< how many rows are read at a time
  };
  /// Which rows are there of data sets with so many; none: all, of any.
  struct Window {
    std::int64_t rows = -1, first = 0, count = 0;
  };

  File(std::string path, Handle file, std::uint64_t bytes, MemoryBudget budget)
      : path_(std::move(path)), file_(std::move(file)), bytes_(bytes), budget_(std::move(budget)) {}
  Handle find(const std::string& key) const;
  Handle open_dataset(const std::string& key) const;
  Plan plan(const std::string& key) const;
  template <Element T>
  std::vector<T> read_planned(const std::string& key, const Plan& p) const;
  template <Element T, class F>
  void read_pieces_planned(const std::string& key, const Plan& p, F f) const;
  template <Element T, class F>
  void each_block(const std::string& key, const Plan& p, F f) const;
  static Info about(const std::string& path, const std::string& key, const Handle& dataset, hid_t type);
  template <Element T>
  void read_rows(const std::string& key, const Plan& p, std::size_t first, std::size_t rows, T* out) const;
  template <Element T>
  void read_chunks(const std::string& key, const Plan& p, std::size_t first, std::size_t rows, T* out) const;
  template <Element T>
  static T exactly(const std::string& path, const std::string& key, std::size_t index, double value);
  void write_raw(const std::string& key, hid_t stored, hid_t memory, const void* data,
                 const std::vector<std::int64_t>& shape);
  void write_raw_attribute(const std::string& key, const std::string& name, hid_t type, const void* data);

  std::string path_;
  Handle file_;
  std::uint64_t bytes_;  ///< size of the file when it was opened for reading
  mutable MemoryBudget budget_;
  Window window_{};
};
}  // namespace tessera::hdf5

#include <tessera/io/hdf5_read.hpp>
#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5.impl.hpp>
#include <tessera/io/hdf5_text.impl.hpp>
#include <tessera/io/hdf5_write.impl.hpp>
#endif
