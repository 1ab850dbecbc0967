#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/same_observation.hpp>
#include <tessera/dataset/unknown_next.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera {
TESSERA_INLINE void mark_jumps(FlatRows& rows) {
  const SameObservation same(rows.observations, rows.observation_size);
  const auto width = static_cast<std::size_t>(rows.observation_size);
  RowCount jumps;
  for (std::size_t i = 0; i + 1 < rows.rewards.size(); ++i) {
    if (rows.terminals[i] != 0 || rows.timeouts[i] != 0) continue;
    if (same(rows.next_observations.data() + i * width, rows.observations.data() + (i + 1) * width)) continue;
    rows.timeouts[i] = 1;
    jumps.add(static_cast<std::int64_t>(i));
  }
  jumps.report(rows.warnings, "unmarked-end",
               "the next observation is not the following row's observation, without an end mark; taken as a "
               "timeout");
}

TESSERA_INLINE void reserve_for_next(const hdf5::File& file, FlatRows& rows) {
  const auto first = file.read_first_piece<float>("next_observations");
  const auto width = static_cast<std::size_t>(rows.observation_size),
             there = std::min(first.size(), rows.observations.size()) / width;
  std::size_t own = 0;
  for (std::size_t i = 0; i + 1 < there; ++i)
    own += !std::equal(first.begin() + std::ptrdiff_t(i * width), first.begin() + std::ptrdiff_t((i + 1) * width),
                       rows.observations.begin() + std::ptrdiff_t((i + 1) * width));
  if (2 * own > there) rows.observations.reserve(2 * rows.observations.size());
}

namespace detail {
// Where the time limit cut: after `horizon` rows without an end.
TESSERA_INLINE void mark_horizon(FlatRows& rows, std::int64_t horizon) {
  std::int64_t length = 0;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    const bool ends = rows.terminals[i] != 0;
    if (++length == horizon && !ends) rows.timeouts[i] = 1;
    if (ends || length == horizon) length = 0;
  }
}
}  // namespace detail

TESSERA_INLINE Dataset read_d4rl(const hdf5::File& file, const D4rlOptions& options) {
  std::vector<std::string> keys = {"observations", "actions", "rewards", "terminals"};
  flat_columns::require_keys(file, "D4RL", keys);
  const bool has_timeouts = file.exists("timeouts"), has_next = file.exists("next_observations");
  if (has_timeouts) keys.push_back("timeouts");
  if (has_next) keys.push_back("next_observations");
  flat_columns::require_equal_rows(file, keys);

  FlatRows rows;
  rows.name = file.path();
  rows.format = "d4rl";
  const auto actions = file.info("actions");
  const bool one_column = actions.shape.size() == 1 || (actions.shape.size() == 2 && actions.shape[1] == 1);
  flat_columns::read_steps(file, actions.type == hdf5::type_class::integer && one_column, rows);
  if (has_next) reserve_for_next(file, rows);
  rows.terminals = flat_columns::read_flags(file, "terminals");
  rows.timeouts.assign(rows.rewards.size(), 0);
  if (has_timeouts) rows.timeouts = flat_columns::read_flags(file, "timeouts");

  if (has_next) {
    rows.next_observations = flat_columns::read_observations(file, "next_observations", rows.terminals);
    if (rows.next_observations.size() != rows.observations.size())
      hdf5::fail(file.path(), "next_observations",
                 "has shape " + shape_text(file.info("next_observations").shape) + ", but 'observations' has " +
                     shape_text(file.info("observations").shape),
                 "write the file again");
  }
  if (options.horizon > 0 && has_timeouts)
    throw Error(printable(file.path()) + ": says itself where episodes were cut, in 'timeouts'; leave out horizon");
  if (options.horizon > 0) detail::mark_horizon(rows, options.horizon);
  else if (!has_timeouts)
    rows.warnings.push_back(
        {"no-timeouts", std::string("key 'timeouts' is missing: episode ends are taken from 'terminals'") +
                            (has_next ? " and from jumps between next and following observations"
                                      : " alone, so episodes cut by a time limit are joined to the next; "
                                        "give the limit, as in ?horizon=1000, if there is one")});
  RowCount both;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    if (rows.terminals[i] != 0 && rows.timeouts[i] != 0) both.add(static_cast<std::int64_t>(i));
  both.report(rows.warnings, "terminal-and-timeout", "marked as both; taken as terminal");
  mark_unknown_next(rows);
  if (has_next) mark_jumps(rows);
  return assemble(std::move(rows));
}

TESSERA_INLINE void write_d4rl(const std::string& path, const FlatRows& rows) {
  const auto count = static_cast<std::int64_t>(rows.rewards.size());
  if (std::any_of(rows.next_unknown.begin(), rows.next_unknown.end(), [](auto x) { return x != 0; }))
    throw Error(path + ": some rows have no next observation, which D4RL's layout has no mark for; leave them out");
  write_atomically(path, [&](const std::string& name) {
    auto file = hdf5::File::create(name);
    file.write("observations", rows.observations, {count, rows.observation_size});
    if (rows.kind == action_kind::discrete) file.write("actions", rows.action_indices);
    else file.write("actions", rows.actions, {count, rows.action_size});
    file.write("rewards", rows.rewards);
    file.write("terminals", rows.terminals);
    file.write("timeouts", rows.timeouts);
    if (!rows.next_observations.empty())
      file.write("next_observations", rows.next_observations, {count, rows.observation_size});
    file.close();
  });
}
}  // namespace tessera
