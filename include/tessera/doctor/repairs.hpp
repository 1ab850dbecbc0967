#pragma once
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

/// Corrections of data sets, by name.  Each corrects exactly what the finding of the same name is about, says so in
/// `Dataset::warnings` ("repaired"), and leaves a data set without that defect as it is.
namespace tessera {
/// Episodes that were ended one row early as well become one episode again.
Dataset repair_doubled_terminal(Dataset data);
/// Episodes whose terminal the log contradicts are joined to the next one.
Dataset repair_early_terminal(Dataset data);
/// Terminals at the time limit become timeouts; where the next observation is unknown, the row gives no transition.
Dataset repair_time_limit_terminals(Dataset data);
/// The last transition of an episode that leads into the next one is left out where the episode was cut, and its next
/// observation marked as unknown where it terminated.
Dataset repair_next_of_next_episode(Dataset data);
/// Each episode once; and of rows that follow themselves the first is left out.  A row that occurs twice elsewhere
/// stays: without it, its episode would have a hole.
Dataset repair_drop_duplicates(Dataset data);
/// Actions beyond the declared limits are moved to them.
Dataset repair_clip_actions(Dataset data);

struct Repair {
  const char* name;
  const char* about;
  Dataset (*apply)(Dataset);
};
const std::vector<Repair>& repairs();

/// Applies the repair of a name; an unknown one is an Error that lists them.
Dataset repaired(Dataset data, const std::string& name);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/repairs.impl.hpp>
#endif
