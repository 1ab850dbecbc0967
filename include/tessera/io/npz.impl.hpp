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
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
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
// Whether a member of so many bytes holds what its header says.
TESSERA_INLINE void require_bytes(std::uint64_t member, const NpyHeader& about, std::size_t size,
                                  const std::string& where) {
  const auto there = member - about.end;
  if (there != std::uint64_t(about.count) * size) npy_wrong_size(where, there, about.shape, size);
}

// Converts all of them; `first` is the number of the first in the array.
template <class To>
void npy_convert_all(const NpyType<To>& type, const unsigned char* from, std::size_t count, To* to, std::size_t first,
                     const std::string& where) {
  if (const auto good = type.convert(from, count, to); good != count)
    throw Error(where + ": element " + std::to_string(first + good) +
                " is not a whole number of 64 bits; check that this is the file you meant");
}

// The elements of an array in a file, in order, as far as they are asked for.
class NpyElements {
 public:
  // Throws Error where there are fewer or more bytes than the header says.
  NpyElements(std::shared_ptr<ZipFile> zip, const std::string& member, const NpyHeader& about, std::size_t size,
              std::string where, std::size_t piece = 1 << 18)
      : zip_(std::move(zip)), where_(std::move(where)), size_(size), count_(static_cast<std::size_t>(about.count)),
        bytes_(*zip_, member, piece) {
    require_bytes(zip_->size(member), about, size_, where_);
    for (std::size_t left = about.end; left > 0;) {
      piece_ = bytes_.next_piece();
      const auto before = std::min(left, piece_.size());
      left -= before, piece_ = piece_.subspan(before);
      if (before == 0) break;
    }
  }
  std::size_t position() const { return position_; }

  template <class To>
  void read(std::size_t count, const NpyType<To>& type, To* to) {
    each(count, [&](const unsigned char* from, std::size_t some) {
      npy_convert_all(type, from, some, to, position_, where_);
      to += some;
    });
  }
  void skip(std::size_t count) {
    each(count, [](const unsigned char*, std::size_t) {});
  }

 private:
  // Calls f(first byte, elements) for the next ones.  Behind the last the checksum is looked at.
  template <class F>
  void each(std::size_t count, F f) {
    const auto pass = [&](const unsigned char* from, std::size_t some) {
      f(from, some);
      position_ += some, count -= some;
    };
    while (count > 0) {
      if (piece_.empty()) piece_ = bytes_.next_piece();
      if (piece_.empty()) npy_wrong_size(where_, position_ * size_, {std::int64_t(count_)}, size_);
      if (!part_.empty() || piece_.size() < size_) {
        const auto missing = std::min(size_ - part_.size(), piece_.size());
        part_.insert(part_.end(), piece_.begin(), piece_.begin() + std::ptrdiff_t(missing));
        piece_ = piece_.subspan(missing);
        if (part_.size() == size_) pass(part_.data(), 1), part_.clear();
        continue;
      }
      const auto whole = std::min(count, piece_.size() / size_);
      pass(piece_.data(), whole);
      piece_ = piece_.subspan(whole * size_);
    }
    if (position_ == count_)
      while (!piece_.empty() || !ended_) piece_ = bytes_.next_piece(), ended_ = piece_.empty();
  }

  std::shared_ptr<ZipFile> zip_;
  std::string where_;
  std::size_t size_, count_, position_ = 0;
  ZipFile::Unpacking bytes_;
  std::span<const unsigned char> piece_;  // what is left of what was unpacked
  std::vector<unsigned char> part_;       // of an element that lies in two pieces
  bool ended_ = false;
};
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
  if (arrays_)
    for (const auto& [key, array] : *arrays_) all.push_back(key);
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

TESSERA_INLINE NpzFile NpzFile::part(std::int64_t rows, std::int64_t first, std::int64_t count) const {
  NpzFile out = *this;
  if (zip_ && !begun_) begun_ = std::make_shared<std::map<std::string, detail::NpyElements>>();
  out.begun_ = begun_, out.window_ = {rows, first, count};
  return out;
}

TESSERA_INLINE NpyHeader NpzFile::header(const std::string& key) const {
  auto about = whole_header(key);
  if (!in_window(about)) return about;
  about.count = about.shape[0] == 0 ? 0 : about.count / about.shape[0] * window_.count;
  about.shape[0] = window_.count;
  return about;
}
TESSERA_INLINE NpyHeader NpzFile::whole_header(const std::string& key) const {
  require(key);
  if (!zip_) {
    const auto& array = arrays_->at(key);
    return {array.shape, std::int64_t(array.values.size()), "<f8", false, 0};
  }
  constexpr std::size_t longest_header = 1 << 17;
  return parse_npy_header(zip_->begin(key + ".npy", longest_header), path_ + ", array " + printable_name(key));
}

TESSERA_INLINE void NpzFile::require_numbers(const std::string& key) const {
  const auto about = whole_header(key);
  if (!zip_) return;
  const auto where = path_ + ", array " + printable_name(key);
  detail::require_bytes(zip_->size(key + ".npy"), about, detail::npy_type<double>(about.type, where).size, where);
}

TESSERA_INLINE void NpzFile::require_memory(const std::string& key, double bytes) const {
  if (zip_) zip_->budget().require(path_ + ", array " + printable_name(key), bytes);
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key) const {
  return {header(key).shape, read_as<double>(key)};
}
TESSERA_INLINE std::vector<float> NpzFile::read_floats(const std::string& key) const { return read_as<float>(key); }
TESSERA_INLINE std::vector<std::int64_t> NpzFile::read_integers(const std::string& key) const {
  return read_as<std::int64_t>(key);
}

template <class To>
std::vector<To> NpzFile::read_as(const std::string& key) const {
  const auto about = whole_header(key);
  if (in_window(about)) return read_part<To>(key, about);
  const auto where = path_ + ", array " + printable_name(key);
  const auto type = detail::npy_type<To>(about.type, where);
  const auto count = static_cast<std::size_t>(about.count);
  if (!zip_) {
    std::vector<To> values(count);
    const auto& all = arrays_->at(key).values;
    detail::npy_convert_all(type, reinterpret_cast<const unsigned char*>(all.data()), count, values.data(), 0, where);
    return values;
  }
  detail::NpyElements elements(zip_, key + ".npy", about, type.size, where);
  zip_->budget().take(where, static_cast<double>(count) * sizeof(To));
  std::vector<To> values(count);
  elements.read(count, type, values.data());
  return about.fortran_order ? detail::row_major(values, about.shape) : values;
}

template <class To>
std::vector<To> NpzFile::read_part(const std::string& key, const NpyHeader& about) const {
  const auto where = path_ + ", array " + printable_name(key);
  const auto type = detail::npy_type<To>(about.type, where);
  const auto width = about.shape[0] == 0 ? 0 : about.count / about.shape[0];
  const auto first = static_cast<std::size_t>(window_.first * width),
             count = static_cast<std::size_t>(window_.count * width);
  if (!zip_) {
    std::vector<To> values(count);
    const auto* from = reinterpret_cast<const unsigned char*>(arrays_->at(key).values.data());
    detail::npy_convert_all(type, from + first * type.size, count, values.data(), first, where);
    return values;
  }
  if (about.fortran_order && width > 1)
    throw Error(where +
                ": is stored column by column, and is read whole, not in pieces: raise the memory limit, or save it "
                "with numpy.ascontiguousarray");
  zip_->budget().require(where, static_cast<double>(count) * sizeof(To));
  auto found = begun_->find(key);
  if (found != begun_->end() && found->second.position() > first) begun_->erase(found), found = begun_->end();
  if (found == begun_->end()) {
    constexpr std::size_t piece = 1 << 16;  // of many columns at a time
    found = begun_->emplace(key, detail::NpyElements(zip_, key + ".npy", about, type.size, where, piece)).first;
  }
  found->second.skip(first - found->second.position());
  std::vector<To> values(count);
  found->second.read(count, type, values.data());
  return values;
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key, const std::vector<std::int64_t>& shape) const {
  auto array = read(key);
  if (array.shape != shape)
    throw Error(path_ + ", array " + key + ": has shape " + shape_text(array.shape) + ", not " + shape_text(shape) +
                "; check that this is the file you meant");
  return array;
}
}  // namespace tessera
