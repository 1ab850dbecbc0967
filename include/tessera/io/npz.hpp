#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/zip.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
/// An array from a NumPy file, as doubles in row-major order.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

namespace detail {
/// The text after 'key': in the header of a .npy file, up to the comma that ends it; "" if absent.
std::string npy_field(const std::string& header, const std::string& key);

/// Parses the extents of "(716, 25)"; false if that is not a shape, or has 2^40 elements or more.
bool npy_shape(const std::string& text, std::vector<std::int64_t>& shape, std::int64_t& count);

/// Converts the elements of an array from column-major (Fortran) to row-major order.
template <class T>
std::vector<T> row_major(const std::vector<T>& from, const std::vector<std::int64_t>& shape) {
  std::vector<T> to(from.size());
  std::vector<std::int64_t> at(shape.size(), 0);  // index of an element in row-major order: the last one runs fastest
  for (T& x : to) {
    std::int64_t offset = 0;
    for (std::size_t k = shape.size(); k-- > 0;) offset = offset * shape[k] + at[k];
    x = from[static_cast<std::size_t>(offset)];
    for (std::size_t k = shape.size(); k-- > 0;) {
      if (++at[k] < shape[k]) break;
      at[k] = 0;
    }
  }
  return to;
}
}  // namespace detail

/// The contents of the header of a .npy file.
struct NpyHeader {
  std::vector<std::int64_t> shape;
  std::int64_t count = 0;  ///< number of elements
  std::string type;        ///< "<f8"
  bool fortran_order = false;
  std::size_t end = 0;  ///< the offset of the first element
};

/// Parses the header; errors begin with `where`.
/// Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays", versions 1 to 3.
NpyHeader parse_npy_header(const std::vector<unsigned char>& bytes, const std::string& where);

/// Parses a .npy file of numbers: floats of 2 to 8 bytes, integers of 1 to 8 bytes and bools, little-endian, in either
/// order.
/// Errors begin with `where`.
NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& where);

namespace detail {
class NpyElements;
}  // namespace detail

/// A .npz file: named NumPy arrays.
class NpzFile {
 public:
  using Arrays = std::map<std::string, NpyArray>;

  explicit NpzFile(const std::string& path, const ReadLimits& limits = {})
      : zip_(std::make_shared<ZipFile>(path, limits)), path_(zip_->path()) {}
  /// The same for arrays that somebody else has read from the file.
  NpzFile(const std::string& path, Arrays arrays)
      : path_(printable(path)), arrays_(std::make_shared<const Arrays>(std::move(arrays))) {}

  /// The arrays' names, without the suffix .npy of the members.
  std::vector<std::string> keys() const;
  bool exists(const std::string& key) const { return zip_ ? zip_->contains(key + ".npy") : arrays_->contains(key); }
  const std::string& path() const { return path_; }
  /// Those that it was opened with.
  ReadLimits limits() const { return zip_ ? zip_->budget().limits() : ReadLimits{}; }

  /// The same file, of whose arrays with `rows` rows only `count` are there, from row `first` on.  Parts of one file
  /// that are read one after the other unpack an array once.  Errors count the rows from `first_row()`.
  NpzFile part(std::int64_t rows, std::int64_t first, std::int64_t count) const;
  std::int64_t first_row() const { return window_.first; }

  /// What an array says of itself; its elements are not read.
  NpyHeader header(const std::string& key) const;
  /// Whether an array holds Python objects.  They are pickled, and unpickling runs what the file says: never read.
  bool is_pickled(const std::string& key) const { return header(key).type.find('O') != std::string::npos; }

  /// Throws an Error where an array is not of numbers, or the file has another number of bytes for it than it says.
  void require_numbers(const std::string& key) const;
  /// Throws an Error where so many bytes made of an array are more than the limits allow.
  void require_memory(const std::string& key, double bytes) const;

  NpyArray read(const std::string& key) const;

  /// The elements alone, without an intermediate copy: as floats, or as whole numbers, which they must be.
  std::vector<float> read_floats(const std::string& key) const;
  std::vector<std::int64_t> read_integers(const std::string& key) const;

  /// The same, with a check of the shape.
  NpyArray read(const std::string& key, const std::vector<std::int64_t>& shape) const;

 private:
  template <class To>
  std::vector<To> read_as(const std::string& key) const;
  template <class To>
  std::vector<To> read_part(const std::string& key, const NpyHeader& about) const;
  void require(const std::string& key) const;
  NpyHeader whole_header(const std::string& key) const;
  bool in_window(const NpyHeader& about) const { return !about.shape.empty() && about.shape[0] == window_.rows; }

  // Which rows of which arrays are there; all, if `rows` is none's.
  struct Window {
    std::int64_t rows = -1, first = 0, count = 0;
  };
  std::shared_ptr<ZipFile> zip_;
  std::string path_;
  std::shared_ptr<const Arrays> arrays_;
  Window window_;
  // Arrays that parts have read, and how far; all of them share it.
  mutable std::shared_ptr<std::map<std::string, detail::NpyElements>> begun_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/npz.impl.hpp>
#endif
