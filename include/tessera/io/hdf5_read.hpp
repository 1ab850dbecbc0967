#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <vector>

#include <tessera/io/hdf5.hpp>

/// The reading half of `hdf5::File`.
namespace tessera::hdf5 {
/// Reads whole rows: `first` is a multiple of the plan's step, and `rows` is the step, or what is left.
template <Element T>
void File::read_rows(const std::string& key, const Plan& p, std::size_t first, std::size_t rows, T* out) const {
  budget_.meanwhile();
  if (p.unpack_here) return read_chunks(key, p, first, rows, out);
  const Handle space(H5Dget_space(p.dataset.id()), H5Sclose);
  const hsize_t elements = rows * p.row;
  const Handle memory(H5Screate_simple(1, &elements, nullptr), H5Sclose);
  bool good = bool(space) && bool(memory);
  if (good && !p.extent.empty()) {
    std::vector<hsize_t> start(p.extent.size(), 0), size = p.extent;
    start[0] = first, size[0] = rows;
    good = H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) >= 0;
  }
  if (!good || H5Dread(p.dataset.id(), memory_type<T>(), memory.id(), space.id(), H5P_DEFAULT, out) < 0)
    fail(path_, key, "cannot be read (" + last_reason() + ")", "the file may be damaged: copy or download it again");
}

/// The same for chunks, each unpacked here into exactly the bytes that its extents need.
template <Element T>
void File::read_chunks(const std::string& key, const Plan& p, std::size_t first, std::size_t rows, T* out) const {
  const auto damaged = [&](const std::string& what) {
    fail(path_, key, what, "the file is damaged or was never completed: copy or download it again");
  };
  const auto rank = p.extent.size();
  const auto element = H5Tget_size(p.type.id());
  std::size_t chunk_count = 1;
  for (const auto c : p.chunk) chunk_count *= static_cast<std::size_t>(c);
  std::vector<hsize_t> at(rank, 0);  // the origin of a chunk
  at[0] = first;
  std::vector<unsigned char> bytes, scratch;
  for (bool more = true; more;) {
    hsize_t packed = 0;
    if (H5Dget_chunk_storage_size(p.dataset.id(), at.data(), &packed) < 0) packed = 0;
    if (packed > bytes_) damaged("has a part that is larger than the file");
    if (packed == 0) {  // never written: all of its elements are the fill value
      T fill{};
      const Handle how(H5Dget_create_plist(p.dataset.id()), H5Pclose);
      H5D_fill_value_t defined = H5D_FILL_VALUE_UNDEFINED;
      if (H5Pfill_value_defined(how.id(), &defined) < 0 || defined == H5D_FILL_VALUE_UNDEFINED ||
          H5Pget_fill_value(how.id(), memory_type<T>(), &fill) < 0)
        damaged("row " + std::to_string(first) + " was never written");
      bytes.resize(chunk_count * sizeof(T));
      std::fill_n(reinterpret_cast<T*>(bytes.data()), chunk_count, fill);
    } else {
      bytes.resize(static_cast<std::size_t>(packed));
      std::uint32_t skipped = 0;
      if (H5Dread_chunk(p.dataset.id(), H5P_DEFAULT, at.data(), &skipped, bytes.data()) < 0)
        damaged("cannot be read (" + last_reason() + ")");
      if (!unpack_chunk(bytes, scratch, p.filters, skipped, chunk_count * element))
        damaged("does not decompress to the size of its shape, at row " + std::to_string(first));
      bytes.resize(chunk_count * std::max(element, sizeof(T)));
      if (H5Tconvert(p.type.id(), memory_type<T>(), chunk_count, bytes.data(), nullptr, H5P_DEFAULT) < 0)
        damaged("cannot be converted (" + last_reason() + ")");
    }

    // The part of the chunk that lies inside the extents, one run along the last dimension after another.
    std::vector<std::size_t> size(rank), step(rank, 0);
    for (std::size_t k = 0; k < rank; ++k)
      size[k] = static_cast<std::size_t>(std::min(p.chunk[k], p.extent[k] - at[k]));
    size[0] = std::min(size[0], rows);
    const auto run = size[rank - 1];
    for (bool inside = true; inside;) {
      std::size_t from = 0, to = 0;
      for (std::size_t k = 0; k < rank; ++k) {
        from = from * static_cast<std::size_t>(p.chunk[k]) + step[k];
        to = to * static_cast<std::size_t>(k == 0 ? rows : p.extent[k]) + step[k] +
             static_cast<std::size_t>(k == 0 ? 0 : at[k]);
      }
      std::copy_n(reinterpret_cast<const T*>(bytes.data()) + from, run, out + to);
      inside = false;
      for (std::size_t k = rank - 1; k-- > 0 && !inside; inside = step[k] != 0)
        if (++step[k] == size[k]) step[k] = 0;
    }
    more = false;
    for (std::size_t k = rank; k-- > 1 && !more; more = at[k] != 0)
      if ((at[k] += p.chunk[k]) >= p.extent[k]) at[k] = 0;
  }
}

/// `value` as an integer of type T.
template <Element T>
T File::exactly(const std::string& path, const std::string& key, std::size_t index, double value) {
  // Compared as doubles: the limits of T and one past them are exact there, even for 64 bits.
  const double low = static_cast<double>(std::numeric_limits<T>::lowest());
  const double past = std::ldexp(1.0, std::numeric_limits<T>::digits);
  if (!(value >= low && value < past && value == std::floor(value)))
    fail(path, key,
         "element " + std::to_string(index) + " is " + std::to_string(value) + ", not a whole number " +
             (std::same_as<T, std::uint8_t> ? "0 .. 255" : "of 64 bits"),
         "correct the file");
  return static_cast<T>(value);
}

/// Calls f(index of the first element among those to read, elements) for one block of rows after another.
template <Element T, class F>
void File::each_block(const std::string& key, const Plan& p, F f) const {
  std::vector<T> block;
  const auto end = p.begin + p.rows;
  for (auto first = p.begin - p.begin % p.step; first < end && p.count > 0; first += p.step) {
    const auto rows = std::min(p.step, p.stored - first);
    block.resize(rows * p.row);
    read_rows(key, p, first, rows, block.data());
    const auto from = std::max(first, p.begin), to = std::min(first + rows, end);
    f((from - p.begin) * p.row, std::span<const T>(block).subspan((from - first) * p.row, (to - from) * p.row));
  }
}

template <Element T, class F>
void File::read_pieces(const std::string& key, F f) const {
  const Quiet quiet;
  read_pieces_planned<T>(key, plan(key), f);
}

template <Element T, class F>
void File::read_pieces_planned(const std::string& key, const Plan& p, F f) const {
  if (p.kind != type_class::integer && p.kind != type_class::floating)
    fail(path_, key, "does not hold numbers", "check that this is the file you meant");
  const bool by_double = std::integral<T> && p.kind == type_class::floating;
  const bool by_int64 = std::same_as<T, std::uint8_t> && !by_double && H5Tequal(p.type.id(), H5T_NATIVE_UINT8) <= 0;
  try {
    if constexpr (std::integral<T>) {
      std::vector<T> values;
      const auto checked = [&](std::size_t first, const auto& wide) {
        values.resize(wide.size());
        for (std::size_t i = 0; i < wide.size(); ++i)
          values[i] = exactly<T>(path_, key, first + i, static_cast<double>(wide[i]));
        f(first, std::span<const T>(values));
      };
      if (by_double) return each_block<double>(key, p, checked);
      if (by_int64) return each_block<std::int64_t>(key, p, checked);
    }
    each_block<T>(key, p, f);
  } catch (const std::bad_alloc&) {
    fail(path_, key, "does not fit into memory (" + std::to_string(p.count) + " elements)", "use a smaller file");
  }
}

template <Element T>
  requires std::floating_point<T> std::vector<T> File::read_first_piece(const std::string& key)
const {
  const Quiet quiet;
  auto p = plan(key);
  const auto rows = p.count > 0 ? std::min(p.step, p.rows) : 0;
  std::vector<T> piece;
  if (rows == 0 || (p.kind != type_class::integer && p.kind != type_class::floating)) return piece;
  p.rows = rows, p.count = rows * p.row;
  each_block<T>(key, p, [&](std::size_t, std::span<const T> x) { piece.insert(piece.end(), x.begin(), x.end()); });
  return piece;
}

template <Element T>
std::vector<T> File::read(const std::string& key) const {
  const Quiet quiet;
  return read_planned<T>(key, plan(key));
}

template <Element T>
std::vector<T> File::read(const std::string& key, std::vector<std::int64_t>& shape) const {
  const Quiet quiet;
  const auto p = plan(key);
  shape.clear();
  for (const auto e : p.extent) shape.push_back(static_cast<std::int64_t>(e));
  if (!shape.empty()) shape[0] = std::int64_t(p.rows);
  return read_planned<T>(key, p);
}

template <Element T>
std::vector<T> File::read_planned(const std::string& key, const Plan& p) const {
  std::vector<T> values;
  budget_.take(printable(path_) + ": key '" + printable_name(key) + "'", static_cast<double>(p.count) * sizeof(T));
  try {
    values.resize(p.count);
    // Values that need no check are read directly into their final place.
    if (std::floating_point<T> && p.rows == p.stored &&
        (p.kind == type_class::integer || p.kind == type_class::floating)) {
      for (std::size_t first = 0; first < p.rows && p.count > 0; first += p.step)
        read_rows(key, p, first, std::min(p.step, p.rows - first), values.data() + first * p.row);
      return values;
    }
  } catch (const std::bad_alloc&) {
    fail(path_, key, "does not fit into memory (" + std::to_string(p.count) + " elements)", "use a smaller file");
  }
  read_pieces_planned<T>(key, p, [&](std::size_t first, std::span<const T> piece) {
    std::copy(piece.begin(), piece.end(), values.begin() + std::ptrdiff_t(first));
  });
  return values;
}

template <Element T>
T File::read_scalar(const std::string& key) const {
  const auto values = read<T>(key);
  if (values.size() != 1)
    fail(path_, key, "holds " + std::to_string(values.size()) + " elements where one is expected",
         "check that this is the file you meant");
  return values.front();
}
}  // namespace tessera::hdf5

#ifndef TESSERA_COMPILED
#include <tessera/io/hdf5_read.impl.hpp>
#endif
