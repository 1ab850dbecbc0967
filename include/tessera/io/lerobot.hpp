#pragma once
#include <string>

#include <tessera/dataset/dataset.hpp>
#include <tessera/sources/request.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera {
/// Whether a folder holds a data set of LeRobot.
bool is_lerobot_folder(const std::string& path);

/// Reads the numbers of a LeRobot data set, of version 2 or 3 (see `read_arrow_tables` for its Parquet files): the
/// features observation.* and action.  What the last step of an episode led to is not in the format: the step is not
/// used, unless the task ended with it.  Options:
///   observation=NAME:NAME  these features alone ("state" for observation.state); needed where there are pictures
///   reward=0               every reward is this number; needed where there are no rewards, as in demonstrations
///   reward=NAME            the column of the rewards, if it is not next.reward
///   done=terminated        the format has one mark, next.done, for an episode that ended and one that was cut, and it
///                          is taken for the latter without this option
Dataset read_lerobot(DataRequest& request, const ReadLimits& limits = {});
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/lerobot.impl.hpp>
#endif
