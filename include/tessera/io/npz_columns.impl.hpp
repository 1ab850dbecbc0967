#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/npz_columns.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::npz_columns {
TESSERA_INLINE void fail(const NpzFile& file, const std::string& key, const std::string& what,
                         const std::string& remedy) {
  throw Error(file.path() + ", array " + printable_name(key) + ": " + what + "; " + remedy);
}

TESSERA_INLINE std::int64_t rows_of(const NpzFile& file, const std::string& key) {
  const auto shape = file.header(key).shape;
  if (shape.empty()) fail(file, key, "is a single value", "give one entry for every row");
  return shape[0];
}
TESSERA_INLINE void require_rows(const NpzFile& file, const std::string& key, std::int64_t rows,
                                 const std::string& than) {
  if (const auto has = rows_of(file, key); has != rows)
    fail(file, key, "has " + std::to_string(has) + " rows, but '" + than + "' asks for " + std::to_string(rows),
         "write the file again");
}

namespace detail {
TESSERA_INLINE void require_finite(const NpzFile& file, const std::string& key, const std::vector<float>& values,
                                   std::int64_t width) {
  std::int64_t bad = 0, first = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]) && bad++ == 0) first = std::int64_t(i);
  if (bad > 0)
    fail(file, key,
         std::to_string(bad) + (bad == 1 ? " value is" : " values are") + " NaN or infinite, first in row " +
             std::to_string(file.first_row() + first / width),
         "remove those episodes from the file");
}
TESSERA_INLINE bool of_integers(const NpyHeader& header) {
  return header.type.size() == 3 && (header.type[1] == 'i' || header.type[1] == 'u' || header.type[1] == 'b');
}
// (rows) or (rows, 1).
TESSERA_INLINE bool one_column(const NpyHeader& header) {
  return header.shape.size() == 1 || (header.shape.size() == 2 && header.shape[1] == 1);
}
TESSERA_INLINE void require_column(const NpzFile& file, const std::string& key, const NpyHeader& header) {
  if (!one_column(header))
    fail(file, key, "has shape " + shape_text(header.shape) + ", where (rows) is expected", "reshape it");
}
}  // namespace detail

TESSERA_INLINE std::int64_t observation_size(const NpzFile& file, const std::string& key) {
  const auto header = file.header(key);
  if (header.shape.empty()) fail(file, key, "is a single value", "give one observation for every row");
  std::int64_t size = 1;
  for (std::size_t k = 1; k < header.shape.size(); ++k) {
    if (header.shape[k] < 1)
      fail(file, key, "has shape " + shape_text(header.shape) + ", with no number in a row", "check the file");
    if (header.shape[k] > largest_observation || (size *= header.shape[k]) > largest_observation)
      fail(file, key, "has shape " + shape_text(header.shape) + ": pictures, for which there are no networks",
           "give a file whose observations are vectors");
  }
  file.require_numbers(key);
  return size;
}
TESSERA_INLINE Matrix read_observations(const NpzFile& file, const std::string& key, std::vector<Warning>& warnings) {
  const auto header = file.header(key);
  Matrix out;
  out.size = observation_size(file, key);
  out.values = file.read_floats(key);
  detail::require_finite(file, key, out.values, out.size);
  if (header.shape.size() > 2)
    warnings.push_back({"flattened-observations", "observations of shape " +
                                                      shape_text({header.shape.begin() + 1, header.shape.end()}) +
                                                      " are read as vectors of " + std::to_string(out.size) +
                                                      " numbers; the networks know nothing of neighbors in a picture"});
  return out;
}

TESSERA_INLINE Actions read_actions(const NpzFile& file, const std::string& key) {
  const auto header = file.header(key);
  const auto rank = header.shape.size();
  if (rank < 1 || rank > 2 || (rank == 2 && header.shape[1] < 1))
    fail(file, key, "has shape " + shape_text(header.shape) + ", where (rows, numbers) is expected", "reshape it");
  Actions out;
  if (!detail::of_integers(header)) {
    out.size = rank == 1 ? 1 : header.shape[1];
    out.values = file.read_floats(key);
    detail::require_finite(file, key, out.values, out.size);
    return out;
  }
  if (!detail::one_column(header))
    fail(file, key, "has shape " + shape_text(header.shape) + " of whole numbers: several discrete choices at once",
         "number their combinations from 0 in one column, or store continuous actions as floats");
  out.kind = action_kind::discrete;
  out.indices = file.read_integers(key);
  constexpr std::int64_t most = 65536;
  for (std::size_t i = 0; i < out.indices.size(); ++i) {
    if (out.indices[i] < 0 || out.indices[i] >= most)
      fail(file, key,
           "row " + std::to_string(file.first_row() + std::int64_t(i)) + " holds the action index " +
               std::to_string(out.indices[i]) + ", outside 0 .. " + std::to_string(most - 1),
           "correct the file, or store continuous actions as floats of shape (rows, numbers)");
    out.size = std::max(out.size, out.indices[i] + 1);
  }
  return out;
}

TESSERA_INLINE std::vector<float> read_column(const NpzFile& file, const std::string& key) {
  detail::require_column(file, key, file.header(key));
  auto values = file.read_floats(key);
  detail::require_finite(file, key, values, 1);
  return values;
}

TESSERA_INLINE std::vector<std::uint8_t> read_flags(const NpzFile& file, const std::string& key) {
  detail::require_column(file, key, file.header(key));
  const auto values = file.read_floats(key);
  std::vector<std::uint8_t> flags(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0 && values[i] != 1)
      fail(file, key,
           "row " + std::to_string(file.first_row() + std::int64_t(i)) + " holds " + std::to_string(values[i]) +
               " where a flag is 0 or 1",
           "correct the file");
    flags[i] = values[i] == 1;
  }
  return flags;
}

TESSERA_INLINE std::vector<std::uint8_t> read_all_flags(const NpzFile& file, const std::string& key) {
  const auto rows = rows_of(file, key);
  const auto at_once = std::clamp<std::int64_t>(std::int64_t(file.limits().piece_bytes() / 8), 1, 1 << 16);
  file.require_numbers(key);
  file.require_memory(key, double(rows));
  std::vector<std::uint8_t> flags;
  flags.reserve(std::size_t(rows));
  for (std::int64_t first = 0; first < rows; first += at_once) {
    const auto some = read_flags(file.part(rows, first, std::min(at_once, rows - first)), key);
    flags.insert(flags.end(), some.begin(), some.end());
  }
  return flags;
}

TESSERA_INLINE std::int64_t numbers_of_row(const NpzFile& file, const std::vector<std::string>& keys) {
  std::int64_t sum = 0;
  for (const auto& key : keys) {
    if (!file.exists(key)) continue;
    const auto about = file.header(key);
    if (!about.shape.empty() && about.shape[0] > 0) sum += about.count / about.shape[0];
  }
  return sum;
}
TESSERA_INLINE void each_part(const NpzFile& file, std::int64_t rows, const std::function<bool(std::int64_t)>& ends,
                              std::int64_t numbers_of_row,
                              const std::function<void(const NpzFile&, const RowWindow&)>& f) {
  const auto limits = file.limits();
  if (!limits.hand_over || rows == 0) return f(file, {0, rows});
  // As numbers of the file, and in the pieces that are made of them, with the indices of their rows.
  const auto bytes = 8.0 * double(numbers_of_row) + 40;
  for (const auto& window : windows_of_episodes(rows, ends, bytes, limits, file.path()))
    f(file.part(rows, window.first, window.count), window);
}
}  // namespace tessera::npz_columns
