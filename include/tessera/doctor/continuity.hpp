#pragma once
#include <cstdint>
#include <vector>

#include <tessera/doctor/report.hpp>

/// Checks of next observations.
namespace tessera {
/// The transitions at the end of an episode whose next observation is the first one of the next episode, and is a jump
/// from their own (see StepLengths).  Where episodes go on from where the last one was cut, one in a hundred is a jump
/// as well: they count if at least a fifth of the ends that are continued exactly are jumps.
std::vector<std::int64_t> next_of_next_episode(const Dataset& data);

/// Next observations that are those of another row, in more than half of the rows; only asked if in less than half they
/// are the observation of the row below.
struct Misalignment {
  const char* which = nullptr;  ///< "the row's own observation"; null: none
  std::int64_t percent = 0;     ///< of the rows
  bool unrelated = false;       ///< they are no neighbor's either
};
Misalignment misalignment(const Dataset& data);

namespace symptoms {
/// Next observations that are those of another row throughout the data.
struct MisalignedNext {
  static constexpr const char* name = "misaligned-next";
  static constexpr auto level = severity::error;
  static constexpr CheckNeeds needs{.transitions = 20, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
struct NextOfNextEpisode {
  static constexpr const char* name = "next-of-next-episode";
  static constexpr auto level = severity::error;
  static constexpr CheckNeeds needs{.episodes = 2, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Rows within an episode that do not begin where the row before led.
struct BrokenContinuity {
  static constexpr const char* name = "broken-continuity";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/continuity.impl.hpp>
#endif
