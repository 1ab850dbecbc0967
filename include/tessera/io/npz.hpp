#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
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

/// "(716, 25)": a shape as NumPy writes it.
std::string shape_text(const std::vector<std::int64_t>& shape);

namespace detail {
/// The text after 'key': in the header of a .npy file, up to the comma that ends it; "" if absent.
std::string npy_field(const std::string& header, const std::string& key);

/// Parses the extents of "(716, 25)"; false if that is not a shape, or has 2^40 elements or more.
bool npy_shape(const std::string& text, std::vector<std::int64_t>& shape, std::int64_t& count);

/// Elements of type T as doubles.
template <class T>
std::vector<double> npy_values(const unsigned char* from, std::size_t count) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    T element;
    std::memcpy(&element, from + i * sizeof(T), sizeof(T));
    values[i] = static_cast<double>(element);
  }
  return values;
}
/// Converts the elements of an array from column-major (Fortran) to row-major order.
std::vector<double> row_major(const std::vector<double>& from, const std::vector<std::int64_t>& shape);
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

/// Parses a .npy file of numbers: float64, float32, integers of 1 to 8 bytes and bools, little-endian, in either order.
/// Errors begin with `where`.
NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& where);

/// A .npz file: named NumPy arrays.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path, const ReadLimits& limits = {})
      : zip_(std::in_place, path, limits), path_(zip_->path()) {}
  /// The same for arrays that somebody else has read from the file.
  NpzFile(const std::string& path, std::map<std::string, NpyArray> arrays)
      : path_(printable(path)), arrays_(std::move(arrays)) {}

  /// The arrays' names, without the suffix .npy of the members.
  std::vector<std::string> keys() const;
  bool exists(const std::string& key) const { return zip_ ? zip_->contains(key + ".npy") : arrays_.contains(key); }
  const std::string& path() const { return path_; }

  NpyArray read(const std::string& key) const;

  /// The same, with a check of the shape.
  NpyArray read(const std::string& key, const std::vector<std::int64_t>& shape) const;

 private:
  std::optional<ZipFile> zip_;
  std::string path_;
  std::map<std::string, NpyArray> arrays_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/npz.impl.hpp>
#endif
