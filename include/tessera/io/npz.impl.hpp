#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <tessera/io/npz.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}
}  // namespace tessera

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

TESSERA_INLINE std::vector<double> row_major(const std::vector<double>& from, const std::vector<std::int64_t>& shape) {
  std::vector<double> to(from.size());
  std::vector<std::int64_t> at(shape.size(), 0);  // index of an element in row-major order: the last one runs fastest
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
  NpyArray array;
  array.shape = header.shape;
  const unsigned char* from = bytes.data() + header.end;
  const auto elements = static_cast<std::size_t>(header.count);
  const std::size_t there = bytes.size() - header.end;
  const auto take = [&]<class T>(T) {
    if (there != elements * sizeof(T))
      throw Error(where + ": has " + std::to_string(there) + " bytes of data, where " + shape_text(array.shape) +
                  " takes " + std::to_string(elements * sizeof(T)) +
                  "; the file is damaged or was never completed: copy or download it again");
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

TESSERA_INLINE std::vector<std::string> NpzFile::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, array] : arrays_) all.push_back(key);
  if (zip_)
    for (const auto& name : zip_->names())
      if (name.ends_with(".npy")) all.push_back(name.substr(0, name.size() - 4));
  return all;
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key) const {
  if (!exists(key)) {
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
  if (!zip_) return arrays_.at(key);
  const auto where = path_ + ", array " + printable_name(key);
  constexpr std::size_t longest_header = 1 << 17;
  const auto header = parse_npy_header(zip_->begin(key + ".npy", longest_header), where);
  zip_->budget().take(where, static_cast<double>(header.count) * sizeof(double));
  return parse_npy(zip_->read(key + ".npy"), where);
}

TESSERA_INLINE NpyArray NpzFile::read(const std::string& key, const std::vector<std::int64_t>& shape) const {
  auto array = read(key);
  if (array.shape != shape)
    throw Error(path_ + ", array " + key + ": has shape " + shape_text(array.shape) + ", not " + shape_text(shape) +
                "; check that this is the file you meant");
  return array;
}
}  // namespace tessera
