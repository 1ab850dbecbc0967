#pragma once
#include <cstdint>
#include <vector>

#include <tessera/doctor/report.hpp>

/// Checks of where episodes end: terminals, timeouts, and how many episodes there are.
namespace tessera {
/// Episodes whose terminal mark is wrong, by their index: the log goes on where the step led.
struct EarlyTerminals {
  /// The next episode is a single row, terminal again: the end was marked twice, one row early as well.
  std::vector<std::int64_t> doubled;
  std::vector<std::int64_t> early;  ///< all others
};
/// Of an episode's terminal and the first row of the next one:
///   the next observation is known  the row continues it exactly, and the step is no jump (see StepLengths); where more
///                                  than half of all terminals look so, resets are near to ends, and the row must
///                                  besides lie far from where episodes begin
///   it is unknown                  the step is no jump, and the row lies far from where episodes begin; or it is a
///                                  terminal by itself, as at least four in five of such rows are
EarlyTerminals early_terminals(const Dataset& data);

/// Episodes that end with a terminal at the time limit of the task; or, where the limit is unknown, at the largest
/// length, if so many do that it must be one: 3, one in twenty, and three times as many as have any length near it.
/// None if some episodes of that length are marked as timeouts, or a column counts the steps: then the end may be the
/// task's.
struct LimitTerminals {
  std::int64_t length = 0;  ///< rows of an episode; 0: none
  std::vector<std::int64_t> episodes;
};
LimitTerminals limit_terminals(const Dataset& data);

/// The number of rows after which the log was cut without a mark: steps inside episodes are jumps after equal numbers
/// of rows, or at the task's time limit.
struct UnmarkedCuts {
  std::int64_t length = 0;         ///< 0: none
  std::vector<std::int64_t> last;  ///< the transitions before a cut
};
UnmarkedCuts unmarked_cuts(const Dataset& data);

namespace symptoms {
/// No end marks at all; one episode; single steps.
struct EpisodeMarks {
  static constexpr const char* name = "episode-marks";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
struct DoubledTerminal {
  static constexpr const char* name = "doubled-terminal";
  static constexpr auto level = severity::error;
  static constexpr CheckNeeds needs{.episodes = 2, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
struct EarlyTerminal {
  static constexpr const char* name = "early-terminal";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.episodes = 2, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
struct TimeLimitTerminals {
  static constexpr const char* name = "time-limit-terminals";
  static constexpr auto level = severity::warning;
  static constexpr CheckNeeds needs{.episodes = 2, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
struct UnmarkedTimeout {
  static constexpr const char* name = "unmarked-timeout";
  static constexpr auto level = severity::error;
  static constexpr CheckNeeds needs{.transitions = 40, .training = true};
  static void run(const Dataset& data, DoctorReport& report);
};
/// Rows after the last end.
struct OpenEnd {
  static constexpr const char* name = "open-end";
  static constexpr auto level = severity::note;
  static void run(const Dataset& data, DoctorReport& report);
};
struct FewEpisodes {
  static constexpr const char* name = "few-episodes";
  static constexpr auto level = severity::note;
  static void run(const Dataset& data, DoctorReport& report);
};
}  // namespace symptoms
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/ends.impl.hpp>
#endif
