#pragma once
#include <cstdint>
#include <vector>

#include <tessera/doctor/report.hpp>

/// Checks of the columns of observations.
namespace tessera {
namespace detail {
// The name of a column of observations, "observations [3] (velocity)".
std::string column_name(const Dataset& data, std::int64_t column);
// The columns that count the steps: they change by the same amount in every step of every episode.
std::vector<std::int64_t> time_columns(const Dataset& data);
}  // namespace detail

namespace symptoms {
/// Outliers, constant columns, columns too far from zero.
struct ObservationColumns {
  static constexpr const char* name = "observation-columns";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Columns that hardly ever vary: the same number in all but one of a thousand rows.
struct RareValues {
  static constexpr const char* name = "nearly-constant-observations";
  static constexpr auto level = severity::note;
  static constexpr CheckNeeds needs{.transitions = 1000};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Observations outside the bounds that the file declares.
struct ObservationBounds {
  static constexpr const char* name = "observations-outside-bounds";
  static constexpr auto level = severity::note;
  static void run(const Dataset& data, DoctorReport& report);
};
/// Columns that count the steps of an episode or the episodes, or only ever grow or fall within an episode.
struct TimeColumn {
  static constexpr const char* name = "time-column";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.transitions = 50, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Columns that are the return of the episode, the rewards still to come, or the rewards so far: they explain all but
/// one ten-thousandth of its variance.
struct ReturnColumn {
  static constexpr const char* name = "return-column";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.episodes = 3, .transitions = 50, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/columns.impl.hpp>
#endif
