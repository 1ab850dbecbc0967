#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/io/hdf5.hpp>

/// Reads the columns of a flat HDF5 file into `FlatRows`, with all the checks that both flat formats need.
namespace tessera::flat_columns {
/// Indices above this mean a damaged file or continuous data.
inline constexpr std::int64_t max_actions = 65536;

/// Throws unless every value is finite, except for NaN in rows that `may_lack` it; a row has `width` values.
void require_finite(const hdf5::File& file, const std::string& key, const std::vector<float>& values,
                    std::int64_t width, const std::vector<std::uint8_t>& may_lack = {});

/// A (rows, size) field of floats; finite, except for NaN in rows that `may_lack` it.
std::vector<float> read_matrix(const hdf5::File& file, const std::string& key,
                               const std::vector<std::uint8_t>& may_lack = {});

/// Observations of more numbers than this are pictures, for which there are no networks.
inline constexpr std::int64_t largest_observation = 10000;

/// How many numbers a row of `key` has, of any rank from 1; throws for a picture that is too large to be a vector.
std::int64_t row_size(const hdf5::File& file, const std::string& key);

/// The warning that observations of this shape (rows, ...) are read as vectors, if its rank is above 2.
void report_flattened(const std::vector<std::int64_t>& shape, std::vector<Warning>& warnings);

/// As `read_matrix`, with rows of any rank flattened.
std::vector<float> read_observations(const hdf5::File& file, const std::string& key,
                                     const std::vector<std::uint8_t>& may_lack = {});

/// Throws unless `key` has one value per row: shape (rows) or (rows, 1).
void require_column(const hdf5::File& file, const std::string& key);

/// One flag per row, of any number type; 0 and 1 are the only valid values.
std::vector<std::uint8_t> read_flags(const hdf5::File& file, const std::string& key);

/// Throws unless each of `keys` has as many rows as the first one; the error names both.
void require_equal_rows(const hdf5::File& file, const std::vector<std::string>& keys);

void require_keys(const hdf5::File& file, const std::string& layout, const std::vector<std::string>& keys);

/// Reads 'observations', 'rewards' and 'actions', and sets kind and sizes.  Discrete actions are (rows) or (rows, 1)
/// indices from 0, and `action_size` is the largest index plus one, so an action above it that never occurs in the file
/// remains unknown.
void read_steps(const hdf5::File& file, bool discrete, FlatRows& rows);
}  // namespace tessera::flat_columns

#ifndef TESSERA_COMPILED
#include <tessera/io/columns.impl.hpp>
#endif
