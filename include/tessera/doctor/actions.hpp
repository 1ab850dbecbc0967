#pragma once
#include <tessera/doctor/report.hpp>

/// Checks of actions.
namespace tessera::symptoms {
/// Outliers, actions beyond declared limits, whole numbers, one-hot codes, constant columns.
struct ContinuousActions {
  static constexpr const char* name = "continuous-actions";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.actions = CheckNeeds::continuous, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// A quarter of a column's actions at its limits.
struct SaturatedActions {
  static constexpr const char* name = "saturated-actions";
  static constexpr auto level = severity::note;
  static constexpr CheckNeeds needs{.actions = CheckNeeds::continuous, .transitions = 20};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Actions that never occur.
struct DiscreteActions {
  static constexpr const char* name = "discrete-actions";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.actions = CheckNeeds::discrete, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace tessera::symptoms

#ifndef TESSERA_COMPILED
#include <tessera/doctor/actions.impl.hpp>
#endif
