#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tessera/io/columns.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera::flat_columns {
TESSERA_INLINE void require_finite(const hdf5::File& file, const std::string& key, const std::vector<float>& values,
                                   std::int64_t width, const std::vector<std::uint8_t>& may_lack) {
  std::int64_t bad = 0, first = -1;
  const auto lacks = [&](std::size_t i) {
    return std::isnan(values[i]) && !may_lack.empty() && may_lack[i / static_cast<std::size_t>(width)] != 0;
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]) && !lacks(i) && bad++ == 0) first = static_cast<std::int64_t>(i);
  if (bad > 0)
    hdf5::fail(file.path(), key,
               std::to_string(bad) + " values are NaN or infinite, first in row " +
                   std::to_string(file.first_row() + first / width),
               "remove those episodes from the file");
}

TESSERA_INLINE std::vector<float> read_matrix(const hdf5::File& file, const std::string& key,
                                              const std::vector<std::uint8_t>& may_lack) {
  const auto shape = file.info(key).shape;
  if (shape.size() != 2 || shape[1] < 1)
    hdf5::fail(file.path(), key,
               "has rank " + std::to_string(shape.size()) + ", shape " + shape_text(shape) +
                   ", where (rows, size) of rank 2 is expected",
               "flatten or reshape it");
  auto values = file.read<float>(key);
  require_finite(file, key, values, shape[1], may_lack);
  return values;
}

TESSERA_INLINE std::int64_t row_size(const hdf5::File& file, const std::string& key) {
  const auto shape = file.info(key).shape;
  std::int64_t size = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) {
    if (shape[k] < 1)
      hdf5::fail(file.path(), key, "has shape " + shape_text(shape) + ", with no number in a row", "check the file");
    if (shape.size() > 2 && (shape[k] > largest_observation || (size *= shape[k]) > largest_observation))
      hdf5::fail(file.path(), key, "has shape " + shape_text(shape) + ": pictures, for which there are no networks",
                 "give a file whose observations are vectors");
    if (shape.size() == 2) size = shape[1];
  }
  return size;
}

TESSERA_INLINE void report_flattened(const std::vector<std::int64_t>& shape, std::vector<Warning>& warnings) {
  if (shape.size() <= 2) return;
  std::int64_t size = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) size *= shape[k];
  warnings.push_back({"flattened-observations", "observations of shape " +
                                                    shape_text({shape.begin() + 1, shape.end()}) +
                                                    " are read as vectors of " + std::to_string(size) +
                                                    " numbers; the networks know nothing of neighbors in a picture"});
}

TESSERA_INLINE std::vector<float> read_observations(const hdf5::File& file, const std::string& key,
                                                    const std::vector<std::uint8_t>& may_lack) {
  if (file.info(key).shape.size() <= 2) return read_matrix(file, key, may_lack);
  const auto size = row_size(file, key);
  auto values = file.read<float>(key);
  require_finite(file, key, values, size, may_lack);
  return values;
}

TESSERA_INLINE void require_column(const hdf5::File& file, const std::string& key) {
  const auto shape = file.info(key).shape;
  if (!(shape.size() == 1 || (shape.size() == 2 && shape[1] == 1)))
    hdf5::fail(file.path(), key,
               "has rank " + std::to_string(shape.size()) + ", shape " + shape_text(shape) +
                   ", where (rows) or (rows, 1) is expected",
               "reshape it");
}

TESSERA_INLINE std::vector<std::uint8_t> read_flags(const hdf5::File& file, const std::string& key) {
  require_column(file, key);
  std::vector<std::uint8_t> flags;
  file.read_pieces<double>(key, [&](std::size_t first, std::span<const double> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != 0 && values[i] != 1)
        hdf5::fail(file.path(), key,
                   "row " + std::to_string(file.first_row() + std::int64_t(first + i)) + " holds " +
                       std::to_string(values[i]) + " where a flag is 0 or 1",
                   "correct the file");
      flags.push_back(values[i] == 1);
    }
  });
  return flags;
}

TESSERA_INLINE void require_equal_rows(const hdf5::File& file, const std::vector<std::string>& keys) {
  const auto rows_of = [&](const std::string& key) {
    const auto shape = file.info(key).shape;
    if (shape.empty())
      hdf5::fail(file.path(), key, "has rank 0 (a single value) where one entry per row is expected",
                 "check that this is the file you meant");
    return shape[0];
  };
  const auto rows = rows_of(keys[0]);
  for (const auto& key : keys)
    if (rows_of(key) != rows)
      hdf5::fail(file.path(), key,
                 "has " + std::to_string(rows_of(key)) + " rows, but '" + keys[0] + "' has " + std::to_string(rows),
                 "all fields need one entry per row: write the file again");
  if (rows == 0) hdf5::fail(file.path(), keys[0], "has 0 rows: the file is empty", "use a file with data");
}

TESSERA_INLINE void require_keys(const hdf5::File& file, const std::string& layout,
                                 const std::vector<std::string>& keys) {
  for (const auto& key : keys)
    if (!file.exists(key)) hdf5::fail(file.path(), key, "is missing", "a " + layout + " file must contain it");
}

TESSERA_INLINE void read_steps(const hdf5::File& file, bool discrete, FlatRows& rows) {
  rows.observations = read_observations(file, "observations");
  rows.observation_size = row_size(file, "observations");
  report_flattened(file.info("observations").shape, rows.warnings);
  require_column(file, "rewards");
  rows.rewards = file.read<float>("rewards");
  require_finite(file, "rewards", rows.rewards, 1);
  if (!discrete) {
    rows.actions = read_matrix(file, "actions");
    rows.action_size = file.info("actions").shape[1];
    return;
  }
  rows.kind = action_kind::discrete;
  require_column(file, "actions");
  rows.action_indices = file.read<std::int64_t>("actions");
  for (std::size_t i = 0; i < rows.action_indices.size(); ++i) {
    const auto action = rows.action_indices[i];
    if (action < 0 || action >= max_actions)
      hdf5::fail(file.path(), "actions",
                 "row " + std::to_string(file.first_row() + std::int64_t(i)) + " holds the action index " +
                     std::to_string(action) + ", outside 0 .. " + std::to_string(max_actions - 1),
                 "correct the file, or store continuous actions as floats of shape (rows, size)");
    rows.action_size = std::max(rows.action_size, action + 1);
  }
}
}  // namespace tessera::flat_columns
