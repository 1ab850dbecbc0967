#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/io/row_windows.hpp>

/// Reads the columns of a log in a .npz file, with the checks that all its layouts need.
namespace tessera::npz_columns {
/// Observations of more numbers than this are pictures, for which there are no networks.
inline constexpr std::int64_t largest_observation = 10000;

[[noreturn]] void fail(const NpzFile& file, const std::string& key, const std::string& what, const std::string& remedy);

/// How many rows an array has: its first extent.
std::int64_t rows_of(const NpzFile& file, const std::string& key);
void require_rows(const NpzFile& file, const std::string& key, std::int64_t rows, const std::string& than);

/// Finite numbers, one row after another.
struct Matrix {
  std::int64_t size = 0;  ///< numbers in a row
  std::vector<float> values;
};
/// How many numbers an observation has.  Throws an Error where an array cannot be observations, or is not whole.
std::int64_t observation_size(const NpzFile& file, const std::string& key);
/// Observations of one number or more; those of a higher rank are flattened, with a warning.
Matrix read_observations(const NpzFile& file, const std::string& key, std::vector<Warning>& warnings);

/// Actions: whole numbers of shape (rows) or (rows, 1) are discrete, counted from 0; floats are continuous.
struct Actions {
  action_kind kind = action_kind::continuous;
  std::int64_t size = 0;  ///< as `Dataset::action_size`; of discrete ones the largest in the file plus one
  std::vector<float> values;
  std::vector<std::int64_t> indices;
};
Actions read_actions(const NpzFile& file, const std::string& key);

/// One finite number, or one flag, of each row: shape (rows) or (rows, 1).
std::vector<float> read_column(const NpzFile& file, const std::string& key);
std::vector<std::uint8_t> read_flags(const NpzFile& file, const std::string& key);
/// The flags of all rows, in the memory of one byte each.
std::vector<std::uint8_t> read_all_flags(const NpzFile& file, const std::string& key);

/// How many numbers a row has in these arrays, as far as they are there.
std::int64_t numbers_of_row(const NpzFile& file, const std::vector<std::string>& keys);

/// Calls f(part, its rows) for the file of `rows` rows, or, where it is handed over in pieces
/// (`ReadLimits::hand_over`), for parts of it that end where an episode does, which ends(row) says; a row has so many
/// numbers.
void each_part(const NpzFile& file, std::int64_t rows, const std::function<bool(std::int64_t)>& ends,
               std::int64_t numbers_of_row, const std::function<void(const NpzFile&, const RowWindow&)>& f);
}  // namespace tessera::npz_columns

#ifndef TESSERA_COMPILED
#include <tessera/io/npz_columns.impl.hpp>
#endif
