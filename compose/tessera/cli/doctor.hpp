#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/json.hpp>
#include <tessera/cli/trajectories.hpp>
#include <tessera/doctor/check.hpp>

namespace tessera::cli {
/// `tessera doctor FILE`, as it was typed.
struct DoctorCommand {
  std::string dataset, against, plot;
  std::vector<std::string> only;        ///< names of checks, "A" or "A,B"; empty: all
  std::int64_t episode_length = 0;      ///< 0: as marked in the file
  std::string action_low, action_high;  ///< as in TrainCommand
  bool as_json = false;
  Reading reading;
};

/// Examines a data set and prints the report.  Returns the exit code: 0 if there is nothing worse than notes, else 1.
int examine(const DoctorCommand& c);

/// The report for other programs.
json json_of(const DoctorReport& report);

/// A picture of a data set: histograms of returns, lengths and rewards, actions, rewards over the steps of an episode,
/// and observations along their first two principal components.
Picture picture_of(const Dataset& data);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/doctor.hpp>
#include <tessera/cli/impl/doctor_picture.hpp>
#endif
