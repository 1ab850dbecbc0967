#pragma once
#include <cstdint>
#include <string>

#include <tessera/doctor/report.hpp>

namespace tessera {
/// Whether rewards stand in another row than the step that earned them.
struct RewardLag {
  int rows = 0;  ///< 1: one row late, -1: one row early, 0: in place, or it cannot be told
  std::string evidence = {};
};
/// Rewards are regressed by ridge on (s, s^2, a, a^2, s', s'^2) of their own row, of the row above and of the row
/// below, and the error measured on rows that were not fitted.  They are out of place if
///   within episodes   another row explains them with less than half the error of their own, and most of their variance
///   across ends       a reward at the beginning of an episode is explained by the last row of the one before with less
///                     than a quarter of the error of its own (or one at a cut by the first row of the next episode)
///   at ends           those that differ from nearly all others stand in the first row after terminals, never in the
///                     terminal row (or nearly all of them in the row before it)
///   filled up         the first reward of nearly every episode is the same number, which the row does not explain
/// A reward that depends on s' alone, one row early, is the same as one that depends on s: that is not told apart.
RewardLag reward_lag(const Dataset& data);

namespace symptoms {
struct RewardShift {
  static constexpr const char* name = "shifted-rewards";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.episodes = 2, .transitions = 100};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/reward_shift.impl.hpp>
#endif
