#pragma once
#include <tessera/doctor/report.hpp>

/// Checks of rewards.
namespace tessera::symptoms {
/// All equal, or equal returns; outliers.
struct RewardValues {
  static constexpr const char* name = "reward-values";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Very large or very small rewards; rewards nearly all of which are one number.
struct RewardScale {
  static constexpr const char* name = "reward-scale";
  static constexpr auto level = severity::note;
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace tessera::symptoms

#ifndef TESSERA_COMPILED
#include <tessera/doctor/rewards.impl.hpp>
#endif
