#pragma once
#include <optional>
#include <string>

#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// Whether a folder holds a data set of LeRobot.
bool is_lerobot_folder(const std::string& path);

struct LeRobotOptions {
  /// "NAME:NAME": these features alone ("state" for observation.state); needed where there are pictures.
  std::string observation;
  /// The column of the rewards, if it is not next.reward; or a number that every reward is, needed where there are no
  /// rewards, as in demonstrations.
  std::optional<std::string> reward;
  /// Whether next.done, the format's one mark for an episode that ended and one that was cut, means the former.  It is
  /// taken for the latter, with a warning, where nothing is said.
  std::optional<bool> done_is_terminated;
};

/// Reads the numbers of a LeRobot data set, of version 2 or 3 (see `read_arrow_tables` for its Parquet files): the
/// features observation.* and action.  What the last step of an episode led to is not in the format: the step is not
/// used, unless the task ended with it.
Dataset read_lerobot(const std::string& path, const LeRobotOptions& options = {}, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/lerobot.impl.hpp>
#endif
