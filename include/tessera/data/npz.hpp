#pragma once
#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/error.hpp>
#include <tessera/data/nearest_name.hpp>
#include <tessera/data/printable.hpp>
#include <tessera/data/zip.hpp>

namespace tessera {
/// An array of a NumPy file, as doubles in row-major order.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

/// "(716, 25)": a shape as NumPy writes it.
inline std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

namespace detail {
/// What stands behind 'key': in the header of a .npy file, up to the comma that ends it; "" if absent.
inline std::string npy_field(const std::string& header, const std::string& key) {
  auto at = header.find("'" + key + "'");
  if (at == std::string::npos || (at = header.find(':', at)) == std::string::npos) return "";
  at = header.find_first_not_of(' ', at + 1);
  if (at == std::string::npos) return "";
  const auto end = header[at] == '(' ? header.find(')', at) : header.find_first_of(",}", at) - 1;
  return end < header.size() ? header.substr(at, end - at + 1) : "";
}

/// The extents of "(716, 25)"; false where it is no shape, or one of 2^40 elements and more.
inline bool npy_shape(const std::string& text, std::vector<std::int64_t>& shape, std::int64_t& count) {
  constexpr std::int64_t most = std::int64_t{1} << 40;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return false;
  count = 1;
  const char *at = text.data() + 1, *const end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t extent = 0;
    const auto read = std::from_chars(at, end, extent);
    if (read.ec != std::errc{} || extent < 0 || extent > most) return false;
    shape.push_back(extent);
    if (extent > 0 && count > most / extent) return false;
    count *= extent;
    for (at = read.ptr; at < end && (*at == ',' || *at == ' ');) ++at;
    if (at == read.ptr && at < end) return false;
  }
  return true;
}

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
/// The elements of an array in column-major (Fortran's) order, in row-major order.
inline std::vector<double> row_major(const std::vector<double>& from, const std::vector<std::int64_t>& shape) {
  std::vector<double> to(from.size());
  std::vector<std::int64_t> at(shape.size(), 0);  // of an element in row-major order: the last index runs fastest
  for (double& x : to) {
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

/// What the first bytes of a .npy file say.
struct NpyHeader {
  std::vector<std::int64_t> shape;
  std::int64_t count = 0;  ///< of elements
  std::string type;        ///< "<f8"
  bool fortran_order = false;
  std::size_t end = 0;  ///< where the elements begin
};

/// Reads them; `where` names the file in errors.
/// Source: NumPy Enhancement Proposal 1, "A simple file format for NumPy arrays", versions 1 to 3.
inline NpyHeader parse_npy_header(const std::vector<unsigned char>& bytes, const std::string& where) {
  if (bytes.size() < 12 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0)
    throw Error(where + ": is not an array of NumPy; give a .npz file that numpy.savez wrote");
  const std::size_t size_bytes = bytes[6] >= 2 ? 4 : 2;  // by version
  const std::size_t begin = 8 + size_bytes;
  std::size_t size = 0;
  for (std::size_t i = begin; i-- > 8;) size = size << 8 | bytes[i];
  const bool there = bytes[6] >= 1 && bytes[6] <= 3 && size <= bytes.size() - begin;
  const auto text = there ? std::string(reinterpret_cast<const char*>(bytes.data()) + begin, size) : std::string();
  NpyHeader header;
  const auto type = detail::npy_field(text, "descr"), order = detail::npy_field(text, "fortran_order");
  if (!there || !detail::npy_shape(detail::npy_field(text, "shape"), header.shape, header.count) || type.size() < 4 || order.empty())
    throw Error(where + ": has no readable header; the file is damaged or was never completed: copy or download it again");
  header.type = type.substr(1, type.size() - 2);  // without its quotes
  header.fortran_order = order == "True";
  header.end = begin + size;
  return header;
}

/// Reads the bytes of a .npy file of numbers: float64, float32, integers of 1 to 8 bytes and bools, little-endian,
/// in either order.  `where` names it in errors.
inline NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& where) {
  const auto header = parse_npy_header(bytes, where);
  NpyArray array;
  array.shape = header.shape;
  const unsigned char* from = bytes.data() + header.end;
  const auto elements = static_cast<std::size_t>(header.count);
  const std::size_t there = bytes.size() - header.end;
  const auto take = [&]<class T>(T) {
    if (there != elements * sizeof(T))
      throw Error(where + ": has " + std::to_string(there) + " bytes of data, where " + shape_text(array.shape) + " takes " +
                  std::to_string(elements * sizeof(T)) + "; the file is damaged or was never completed: copy or download it again");
    array.values = detail::npy_values<T>(from, elements);
    if (header.fortran_order) array.values = detail::row_major(array.values, array.shape);
  };
  const auto& kind = header.type;
  if (kind == "<f8") take(double{});
  else if (kind == "<f4") take(float{});
  else if (kind == "<i8") take(std::int64_t{});
  else if (kind == "<i4") take(std::int32_t{});
  else if (kind == "<i2") take(std::int16_t{});
  else if (kind == "|i1") take(std::int8_t{});
  else if (kind == "<u8") take(std::uint64_t{});
  else if (kind == "<u4") take(std::uint32_t{});
  else if (kind == "<u2") take(std::uint16_t{});
  else if (kind == "|u1" || kind == "|b1") take(std::uint8_t{});
  else throw Error(where + ": has elements of type " + printable_name(kind) + "; save it as float64");
  return array;
}

/// A .npz file: named arrays of NumPy.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path, const ReadLimits& limits = {}) : zip_(std::in_place, path, limits), path_(zip_->path()) {}
  /// The same of arrays that somebody else has read from there.
  NpzFile(const std::string& path, std::map<std::string, NpyArray> arrays) : path_(printable(path)), arrays_(std::move(arrays)) {}

  /// The arrays' names, without the members' ending .npy.
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, array] : arrays_) all.push_back(key);
    if (zip_)
      for (const auto& name : zip_->names())
        if (name.ends_with(".npy")) all.push_back(name.substr(0, name.size() - 4));
    return all;
  }
  bool exists(const std::string& key) const { return zip_ ? zip_->contains(key + ".npy") : arrays_.contains(key); }
  const std::string& path() const { return path_; }

  NpyArray read(const std::string& key) const {
    if (!exists(key)) {
      std::string there;
      constexpr std::size_t most = 12;
      auto all = keys();
      const auto count = all.size();
      all.resize(std::min(count, most));
      for (const auto& each : all) there += (there.empty() ? "" : ", ") + printable_name(each);
      if (count > most) there += ", ... (" + std::to_string(count) + " in all)";
      const auto meant = printable_name(nearest_name(key, all));
      throw Error(path_ + ", array " + key + ": is missing" + (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
                  "; the file has the keys [" + there + "]");
    }
    if (!zip_) return arrays_.at(key);
    const auto where = path_ + ", array " + printable_name(key);
    constexpr std::size_t longest_header = 1 << 17;
    const auto header = parse_npy_header(zip_->begin(key + ".npy", longest_header), where);
    zip_->budget().take(where, static_cast<double>(header.count) * sizeof(double));
    return parse_npy(zip_->read(key + ".npy"), where);
  }

  /// The same, of a given shape.
  NpyArray read(const std::string& key, const std::vector<std::int64_t>& shape) const {
    auto array = read(key);
    if (array.shape != shape)
      throw Error(path_ + ", array " + key + ": has shape " + shape_text(array.shape) + ", not " + shape_text(shape) +
                  "; check that this is the file you meant");
    return array;
  }

 private:
  std::optional<ZipFile> zip_;
  std::string path_;
  std::map<std::string, NpyArray> arrays_;
};
}  // namespace tessera
