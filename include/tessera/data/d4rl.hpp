#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <tessera/data/columns.hpp>

namespace tessera {
/// Marks as episode ends the rows whose next observation is not where the following row starts.
///
/// Copies between float formats may move a last bit, hence the tolerance.
inline void mark_jumps(FlatRows& rows) {
  constexpr float tolerance = 1e-6f;
  const auto width = static_cast<std::size_t>(rows.observation_size);
  RowCount jumps;
  for (std::size_t i = 0; i + 1 < rows.rewards.size(); ++i) {
    if (rows.terminals[i] != 0 || rows.timeouts[i] != 0) continue;
    for (std::size_t j = 0; j < width; ++j) {
      const float following = rows.next_observations[i * width + j],
                  start = rows.observations[(i + 1) * width + j];
      if (std::abs(following - start) <= tolerance * (1 + std::abs(following))) continue;
      rows.timeouts[i] = 1;
      jumps.add(static_cast<std::int64_t>(i));
      break;
    }
  }
  jumps.report(rows.warnings, "unmarked-end",
               "the next observation is not the following row's observation, without an end mark; taken as a "
               "timeout");
}

/// Reads the D4RL layout: 'observations' (N, size), 'actions' (N, size), 'rewards', 'terminals',
/// 'timeouts' (N) or (N, 1), and 'next_observations' (N, size) in newer files; other keys are ignored.
///
/// Integer actions in one column are discrete.  Without 'next_observations' a row cut by a time limit
/// gives no transition, and a terminal row keeps its own observation as a stand-in for the next one (the
/// row below it belongs to another episode).  Without 'timeouts' the cuts are found from jumps of the
/// observations if 'next_observations' is there, and not at all if not.  See `assemble` for the rest.
/// Source: Fu et al., "D4RL: Datasets for Deep Data-Driven Reinforcement Learning", 2020, and its writers.
inline Dataset read_d4rl(const hdf5::File& file) {
  std::vector<std::string> keys = {"observations", "actions", "rewards", "terminals"};
  columns::require_keys(file, "D4RL", keys);
  const bool has_timeouts = file.exists("timeouts"), has_next = file.exists("next_observations");
  if (has_timeouts) keys.push_back("timeouts");
  if (has_next) keys.push_back("next_observations");
  columns::require_equal_rows(file, keys);

  FlatRows rows;
  rows.name = file.path();
  rows.format = "d4rl";
  const auto actions = file.info("actions");
  const bool one_column = actions.shape.size() == 1 || (actions.shape.size() == 2 && actions.shape[1] == 1);
  columns::read_steps(file, actions.type == hdf5::type_class::integer && one_column, rows);
  rows.terminals = columns::read_flags(file, "terminals");
  rows.timeouts.assign(rows.rewards.size(), 0);
  if (has_timeouts) rows.timeouts = columns::read_flags(file, "timeouts");

  if (has_next) {
    rows.next_observations = columns::read_matrix(file, "next_observations");
    if (rows.next_observations.size() != rows.observations.size())
      hdf5::fail(file.path(), "next_observations",
                 "has shape " + columns::shape_text(file.info("next_observations").shape) +
                     ", but 'observations' has " + columns::shape_text(file.info("observations").shape),
                 "write the file again");
  }
  if (!has_timeouts)
    rows.warnings.push_back(
        {"no-timeouts", std::string("key 'timeouts' is missing: episode ends are taken from 'terminals'") +
                            (has_next ? " and from jumps between next and following observations"
                                      : " alone, so episodes cut by a time limit are joined to the next")});
  RowCount both;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    if (rows.terminals[i] != 0 && rows.timeouts[i] != 0) both.add(static_cast<std::int64_t>(i));
  both.report(rows.warnings, "terminal-and-timeout", "marked as both; taken as terminal");
  if (has_next) mark_jumps(rows);
  return assemble(std::move(rows));
}
}  // namespace tessera
