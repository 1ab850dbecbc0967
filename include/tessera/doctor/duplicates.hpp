#pragma once
#include <cstdint>
#include <vector>

#include <tessera/doctor/report.hpp>

/// Checks for rows and episodes that occur more than once.
namespace tessera {
/// Rows with the observation, action and reward of an earlier row, of data in which observations do not repeat by
/// nature: then at least two thirds of the rows whose observation occurred before repeat action and reward as well.
/// Beginnings that several episodes share are not counted: a task may begin in one state.
struct Duplicates {
  std::vector<std::int64_t> rows;      ///< transitions
  std::vector<std::int64_t> episodes;  ///< that equal an earlier one in every row; their rows are not in `rows`
};
Duplicates duplicates(const Dataset& data);

/// Adds a finding "shared-episodes" if episodes of `other` are in `data` as well, and "shared-rows" if single rows are.
void find_shared_episodes(const Dataset& data, const Dataset& other, DoctorReport& report);

namespace symptoms {
struct DuplicateRows {
  static constexpr const char* name = "duplicate-rows";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.transitions = 2};
  static void run(const Dataset& data, DoctorReport& report);
};
struct DuplicateEpisodes {
  static constexpr const char* name = "duplicate-episodes";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.episodes = 2, .transitions = 2};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/duplicates.impl.hpp>
#endif
