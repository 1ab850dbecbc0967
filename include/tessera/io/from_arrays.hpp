#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
/// Logged steps in a program's own arrays: one row per step, episodes one after another, matrices row-major.  A
/// std::vector converts to a span; `row_major` makes one of an Eigen matrix.
///
///   const auto data = dataset_from_arrays({.name = "plant", .observation_size = 3, .action_size = 1,
///                                          .observations = x, .actions = a, .rewards = r, .terminals = ended,
///                                          .timeouts = cut, .action_low = {-2}, .action_high = {2}});
struct LogArrays {
  std::string name = "arrays";                     ///< its name in messages
  std::int64_t observation_size = 0;               ///< how many numbers an observation has
  std::int64_t action_size = 0;                    ///< how many numbers an action has, or how many actions
  std::span<const float> observations{};           ///< (rows, observation_size)
  std::span<const float> next_observations{};      ///< the same, or empty: each row leads to the one below it
  std::span<const float> actions{};                ///< (rows, action_size) continuous actions;
  std::span<const std::int64_t> action_indices{};  ///< or (rows) discrete ones
  std::span<const float> rewards{};                ///< (rows)
  std::span<const float> propensities{};           ///< (rows) as in `Dataset`, or empty
  std::span<const std::uint8_t> terminals{};       ///< (rows) 1 where the episode terminated: no bootstrap
  std::span<const std::uint8_t>
      timeouts{};  ///< (rows) 1 where it was truncated after this step; empty: found as in a file
  std::vector<float> action_low{},
      action_high{};   ///< (action_size) the true limits, or both empty: the smallest and largest seen
  LogSpaces spaces{};  ///< what the numbers are called, as far as that is worth saying
};

/// Anything with rows(), cols() and (row, column), such as an Eigen matrix or block of any number type and storage
/// order, as a row-major array.
template <class Matrix>
  requires requires(const Matrix& m) {
    { m.rows() } -> std::convertible_to<std::int64_t>;
    { m.cols() } -> std::convertible_to<std::int64_t>;
    { m(0, 0) } -> std::convertible_to<double>;
  }
std::vector<float> row_major(const Matrix& m) {
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(m.rows() * m.cols()));
  for (decltype(m.rows()) i = 0; i < m.rows(); ++i)
    for (decltype(m.cols()) j = 0; j < m.cols(); ++j) out.push_back(static_cast<float>(m(i, j)));
  return out;
}

/// A data set from arrays, with the checks and the treatment that a file gets (`read_d4rl`): problems are an Error with
/// column and row, oddities a warning in `Dataset::warnings`.  The arrays are copied.
Dataset dataset_from_arrays(LogArrays a);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/from_arrays.impl.hpp>
#endif
