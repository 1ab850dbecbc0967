#pragma once
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <tessera/io/npz.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera::detail {
TESSERA_INLINE std::string npy_field(const std::string& header, const std::string& key) {
  auto at = header.find("'" + key + "'");
  if (at == std::string::npos || (at = header.find(':', at)) == std::string::npos) return "";
  at = header.find_first_not_of(' ', at + 1);
  if (at == std::string::npos) return "";
  const auto end = header[at] == '(' ? header.find(')', at) : header.find_first_of(",}", at) - 1;
  return end < header.size() ? header.substr(at, end - at + 1) : "";
}

TESSERA_INLINE bool npy_shape(const std::string& text, std::vector<std::int64_t>& shape, std::int64_t& count) {
  constexpr std::int64_t max = std::int64_t{1} << 40;
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return false;
  count = 1;
  const char *at = text.data() + 1, *const end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t extent = 0;
    const auto read = std::from_chars(at, end, extent);
    if (read.ec != std::errc{} || extent < 0 || extent > max) return false;
    shape.push_back(extent);
    if (extent > 0 && count > max / extent) return false;
    count *= extent;
    for (at = read.ptr; at < end && (*at == ',' || *at == ' ');) ++at;
    if (at == read.ptr && at < end) return false;
  }
  return true;
}

/// A float of 16 bits.
struct Half {
  std::uint16_t bits;
  explicit operator double() const {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double size = exponent == 31  ? (fraction != 0 ? std::nan("") : INFINITY)
                        : exponent == 0 ? std::ldexp(fraction, -24)
                                        : std::ldexp(1024 + fraction, exponent - 25);
    return (bits >> 15) != 0 ? -size : size;
  }
  explicit operator float() const { return static_cast<float>(static_cast<double>(*this)); }
};

/// Converts `count` elements; returns how many of them the target can hold, up to the first that it cannot.
template <class To>
using NpyConvert = std::size_t (*)(const unsigned char* from, std::size_t count, To* to);
template <class From, class To>
std::size_t npy_convert(const unsigned char* from, std::size_t count, To* to) {
  static_assert(std::endian::native == std::endian::little);
  for (std::size_t i = 0; i < count; ++i) {
    From element;
    std::memcpy(&element, from + i * sizeof(From), sizeof(From));
    if constexpr (std::integral<To> && !std::integral<From>) {
      const auto value = static_cast<double>(element);
      if (!(value >= -0x1p63 && value < 0x1p63 && value == std::floor(value))) return i;
      to[i] = static_cast<To>(value);
    } else {
      if constexpr (std::same_as<From, std::uint64_t> && std::integral<To>)
        if (element > std::uint64_t(std::numeric_limits<To>::max())) return i;
      to[i] = static_cast<To>(element);
    }
  }
  return count;
}
template <class To>
struct NpyType {
  NpyConvert<To> convert = nullptr;
  std::size_t size = 0;
};
/// How elements of a NumPy type are converted; errors begin with `where`.
template <class To>
NpyType<To> npy_type(const std::string& type, const std::string& where) {
  const auto of = []<class From>(From) { return NpyType<To>{npy_convert<From, To>, sizeof(From)}; };
  if (type == "<f8") return of(double{});
  if (type == "<f4") return of(float{});
  if (type == "<f2") return of(Half{});
  if (type == "<i8") return of(std::int64_t{});
  if (type == "<i4") return of(std::int32_t{});
  if (type == "<i2") return of(std::int16_t{});
  if (type == "|i1") return of(std::int8_t{});
  if (type == "<u8") return of(std::uint64_t{});
  if (type == "<u4") return of(std::uint32_t{});
  if (type == "<u2") return of(std::uint16_t{});
  if (type == "|u1" || type == "|b1") return of(std::uint8_t{});
  if (type == "|O")
    throw Error(where + ": holds pickled Python objects, which are never unpickled; save it as an array of numbers");
  throw Error(where + ": has elements of type " + printable_name(type) + "; save it as float64");
}
[[noreturn]] TESSERA_INLINE void npy_wrong_size(const std::string& where, std::uint64_t there,
                                                const std::vector<std::int64_t>& shape, std::size_t size) {
  std::uint64_t elements = 1;
  for (const auto extent : shape) elements *= std::uint64_t(extent);
  throw Error(where + ": has " + std::to_string(there) + " bytes of data, where " + shape_text(shape) + " takes " +
              std::to_string(elements * size) +
              "; the file is damaged or was never completed: copy or download it again");
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE NpyHeader parse_npy_header(const std::vector<unsigned char>& bytes, const std::string& where) {
  if (bytes.size() < 12 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0)
    throw Error(where + ": is not a NumPy array; give a .npz file that numpy.savez wrote");
  const std::size_t size_bytes = bytes[6] >= 2 ? 4 : 2;  // depends on the version
  const std::size_t begin = 8 + size_bytes;
  std::size_t size = 0;
  for (std::size_t i = begin; i-- > 8;) size = size << 8 | bytes[i];
  const bool there = bytes[6] >= 1 && bytes[6] <= 3 && size <= bytes.size() - begin;
  const auto text = there ? std::string(reinterpret_cast<const char*>(bytes.data()) + begin, size) : std::string();
  NpyHeader header;
  const auto type = detail::npy_field(text, "descr"), order = detail::npy_field(text, "fortran_order");
  if (!there || !detail::npy_shape(detail::npy_field(text, "shape"), header.shape, header.count) || type.size() < 4 ||
      order.empty())
    throw Error(where +
                ": has no readable header; the file is damaged or was never completed: copy or download it again");
  header.type = type.substr(1, type.size() - 2);  // without its quotes
  header.fortran_order = order == "True";
  header.end = begin + size;
  return header;
}

TESSERA_INLINE NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& where) {
  const auto header = parse_npy_header(bytes, where);
  const auto type = detail::npy_type<double>(header.type, where);
  const auto elements = static_cast<std::size_t>(header.count);
  const std::size_t there = bytes.size() - header.end;
  if (there != elements * type.size) detail::npy_wrong_size(where, there, header.shape, type.size);
  NpyArray array{header.shape, std::vector<double>(elements)};
  type.convert(bytes.data() + header.end, elements, array.values.data());
  if (header.fortran_order) array.values = detail::row_major(array.values, array.shape);
  return array;
}

TESSERA_INLINE std::vector<std::string> NpzFile::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, array] : arrays_) all.push_back(key);
  if (zip_)
    for (const auto& name : zip_->names())
      if (name.ends_with(".npy")) all.push_back(name.substr(0, name.size() - 4));
  return all;
}

TESSERA_INLINE void NpzFile::require(const std::string& key) const {
  if (exists(key)) return;
  std::string there;
  constexpr std::size_t max = 12;
  auto all = keys();
  const auto count = all.size();
  all.resize(std::min(count, max));
  for (const auto& each : all) there += (there.empty() ? "" : ", ") + printable_name(each);
  if (count > max) there += ", ... (" + std::to_string(count) + " in all)";
  const auto meant = printable_name(nearest_name(key, all));
  throw Error(path_ + ", array " + key + ": is missing" + (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
              "; the file has the keys [" + there + "]");
}

TESSERA_INLINE NpyHeader NpzFile::header(const std::string& key) const {
  require(key);
  if (!zip_) {
    const auto& array = arrays_.at(key);
    return {array.shape, std::int64_t(array.values.size()), "<f8", false, 0};
  }
  constexpr std::size_t longest_header = 1 << 17;
  return parse_npy_header(zip_->begin(key + ".npy", longest_header), path_ + ", array " + printable_name(key));
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key) const {
  const auto about = header(key);
  if (!zip_) return arrays_.at(key);
  return {about.shape, read_as<double>(key)};
}
TESSERA_INLINE std::vector<float> NpzFile::read_floats(const std::string& key) const { return read_as<float>(key); }
TESSERA_INLINE std::vector<std::int64_t> NpzFile::read_integers(const std::string& key) const {
  return read_as<std::int64_t>(key);
}

template <class To>
std::vector<To> NpzFile::read_as(const std::string& key) const {
  const auto about = header(key);
  const auto where = path_ + ", array " + printable_name(key);
  const auto type = detail::npy_type<To>(about.type, where);
  const auto count = static_cast<std::size_t>(about.count);
  std::vector<To> values;
  std::size_t done = 0;
  const auto convert = [&](const unsigned char* from, std::size_t elements) {
    const auto good = type.convert(from, elements, values.data() + done);
    if (good != elements)
      throw Error(where + ": element " + std::to_string(done + good) +
                  " is not a whole number of 64 bits; check that this is the file you meant");
    done += elements;
  };
  if (!zip_) {
    values.resize(count);
    convert(reinterpret_cast<const unsigned char*>(arrays_.at(key).values.data()), count);
    return values;
  }
  const auto name = key + ".npy";
  const auto there = zip_->size(name) - about.end;
  if (there != std::uint64_t(count) * type.size) detail::npy_wrong_size(where, there, about.shape, type.size);
  zip_->budget().take(where, static_cast<double>(count) * sizeof(To));
  values.resize(count);
  std::size_t skip = about.end;
  std::vector<unsigned char> part;  // of an element that lies in two pieces
  zip_->unpack(name, [&](std::span<const unsigned char> piece) {
    const auto before = std::min(skip, piece.size());
    skip -= before, piece = piece.subspan(before);
    if (!part.empty()) {
      const auto missing = std::min(type.size - part.size(), piece.size());
      part.insert(part.end(), piece.begin(), piece.begin() + std::ptrdiff_t(missing));
      piece = piece.subspan(missing);
      if (part.size() == type.size) convert(part.data(), 1), part.clear();
    }
    const auto whole = piece.size() / type.size;
    convert(piece.data(), whole);
    const auto rest = piece.subspan(whole * type.size);
    part.insert(part.end(), rest.begin(), rest.end());
    return true;
  });
  return about.fortran_order ? detail::row_major(values, about.shape) : values;
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key, const std::vector<std::int64_t>& shape) const {
  auto array = read(key);
  if (array.shape != shape)
    throw Error(path_ + ", array " + key + ": has shape " + shape_text(array.shape) + ", not " + shape_text(shape) +
                "; check that this is the file you meant");
  return array;
}
}  // namespace tessera
