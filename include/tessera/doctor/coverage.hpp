#pragma once
#include <tessera/doctor/report.hpp>

namespace tessera {
/// How freely actions were chosen.
struct BehaviorSpread {
  /// Of discrete actions: exp(entropy) of those taken in the 50 states nearest to one, averaged over states; with the
  /// correction of Miller and Madow (1955) for so few samples.  Of continuous ones: the variance of those taken there,
  /// in shares of that of uniform actions between the limits, averaged over states and columns.
  double of_state = 0;
  double of_all = 0;  ///< the same of all actions together
};
/// Estimated from 200 states and 5000 rows, spread evenly over the data.
BehaviorSpread behavior_spread(const Dataset& data);

namespace symptoms {
/// Measures how far behavior is from uniform; finds behavior that leaves no choice.
struct Coverage {
  static constexpr const char* name = "coverage";
  static constexpr auto level = severity::note;
  static constexpr CheckNeeds needs{.transitions = 200};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/coverage.impl.hpp>
#endif
