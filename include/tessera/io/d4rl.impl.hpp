#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/unknown_next.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/row_windows.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/list_text.hpp>

namespace tessera {
TESSERA_INLINE void mark_jumps(FlatRows& rows) {
  mark_jumps(rows, SameObservation(rows.observations, rows.observation_size));
}
TESSERA_INLINE void mark_jumps(FlatRows& rows, const SameObservation& same) {
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

// What a file holds.
struct D4rlKeys {
  bool timeouts, next, discrete;
  std::int64_t rows;
};
TESSERA_INLINE D4rlKeys d4rl_keys(const hdf5::File& file) {
  std::vector<std::string> keys = {"observations", "actions", "rewards", "terminals"};
  flat_columns::require_keys(file, "D4RL", keys);
  D4rlKeys has{file.exists("timeouts"), file.exists("next_observations"), false, 0};
  if (has.timeouts) keys.push_back("timeouts");
  if (has.next) keys.push_back("next_observations");
  flat_columns::require_equal_rows(file, keys);
  const auto actions = file.info("actions");
  const bool one_column = actions.shape.size() == 1 || (actions.shape.size() == 2 && actions.shape[1] == 1);
  has.discrete = actions.type == hdf5::type_class::integer && one_column;
  has.rows = actions.shape[0];
  return has;
}
TESSERA_INLINE void read_d4rl_ends(const hdf5::File& file, const D4rlOptions& options, bool has_timeouts,
                                   FlatRows& rows) {
  rows.terminals = flat_columns::read_flags(file, "terminals");
  if (has_timeouts) rows.timeouts = flat_columns::read_flags(file, "timeouts");
  else rows.timeouts.assign(rows.terminals.size(), 0);
  if (options.horizon > 0 && has_timeouts)
    throw Error(printable(file.path()) + ": says itself where episodes were cut, in 'timeouts'; leave out horizon");
  if (options.horizon > 0) mark_horizon(rows, options.horizon);
}

// What is judged by all rows of a file.
struct D4rlSurvey {
  SameObservation same;
  std::vector<UnknownNext> unknown;
};
TESSERA_INLINE D4rlSurvey survey_d4rl(const hdf5::File& file, const FlatRows& ends) {
  const auto rows = std::int64_t(ends.terminals.size()), width = flat_columns::row_size(file, "observations");
  const auto at_once =
      std::max<std::int64_t>(1, std::int64_t(double(file.limits().piece_bytes()) / (8 * double(width))));
  D4rlSurvey out{SameObservation(width), {}};
  bool shown = false;
  const VisitedRows visited{
      std::size_t(width), ends.terminals, ends.timeouts, [&](const VisitedRows::Visitor& each) {
        for (std::int64_t first = 0; first < rows; first += at_once) {
          // One row more, to look below the last.
          const auto there = std::min(at_once + 1, rows - first);
          const auto part = file.part(rows, first, there);
          const auto own = part.read<float>("observations"), next = part.read<float>("next_observations");
          if (next.size() != own.size()) return;  // it is said when they are read
          for (std::int64_t i = 0; i < std::min(at_once, there); ++i) {
            const float* x = own.data() + i * width;
            if (!shown) out.same.show(x);
            each(std::size_t(first + i), x, next.data() + i * width, i + 1 < there ? x + width : nullptr);
          }
        }
        shown = true;
      }};
  out.unknown = find_unknown_next(visited);
  return out;
}

// The rows of a file, or of a part of it, of which all has been surveyed.
TESSERA_INLINE Dataset read_d4rl_rows(const hdf5::File& file, const D4rlOptions& options, const D4rlKeys& has,
                                      const D4rlSurvey* survey) {
  FlatRows rows;
  rows.name = file.path(), rows.format = "d4rl", rows.part = survey != nullptr || file.limits().hand_over != nullptr;
  flat_columns::read_steps(file, has.discrete, rows);
  if (has.next) reserve_for_next(file, rows);
  read_d4rl_ends(file, options, has.timeouts, rows);
  if (has.next) {
    rows.next_observations = flat_columns::read_observations(file, "next_observations", rows.terminals);
    if (rows.next_observations.size() != rows.observations.size())
      hdf5::fail(file.path(), "next_observations",
                 "has shape " + shape_text(file.info("next_observations").shape) + ", but 'observations' has " +
                     shape_text(file.info("observations").shape),
                 "write the file again");
  }
  if (options.horizon <= 0 && !has.timeouts)
    rows.warnings.push_back(
        {"no-timeouts", std::string("key 'timeouts' is missing: episode ends are taken from 'terminals'") +
                            (has.next ? " and from jumps between next and following observations"
                                      : " alone, so episodes cut by a time limit are joined to the next; "
                                        "give the limit, as in ?horizon=1000, if there is one")});
  RowCount both;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    if (rows.terminals[i] != 0 && rows.timeouts[i] != 0) both.add(static_cast<std::int64_t>(i));
  both.report(rows.warnings, "terminal-and-timeout", "marked as both; taken as terminal");
  if (survey == nullptr) mark_unknown_next(rows);
  else mark_unknown_next(rows, survey->unknown, file.first_row());
  if (has.next && survey == nullptr) mark_jumps(rows);
  else if (has.next) mark_jumps(rows, survey->same);
  return assemble(std::move(rows));
}
TESSERA_INLINE Dataset read_d4rl_windows(const hdf5::File& file, const D4rlOptions& options) {
  const auto has = d4rl_keys(file);
  FlatRows ends;
  read_d4rl_ends(file, options, has.timeouts, ends);
  const auto n = double(flat_columns::row_size(file, "observations")),
             d = has.discrete ? 2 : double(flat_columns::row_size(file, "actions"));
  const auto windows = windows_of_episodes(
      has.rows,
      [&](std::int64_t i) { return ends.terminals[std::size_t(i)] != 0 || ends.timeouts[std::size_t(i)] != 0; },
      4 * (n * (has.next ? 3 : 1) + d + 1) + 24, file.limits(), printable(file.path()));
  if (windows.size() == 1) return read_d4rl_rows(file, options, has, nullptr);
  D4rlSurvey survey{SameObservation(std::int64_t(n)), {}};
  if (has.next) survey = survey_d4rl(file, ends);
  return read_windows(file, has.rows, windows, [&](const hdf5::File& part, const RowWindow&) {
    return read_d4rl_rows(part, options, has, &survey);
  });
}
}  // namespace detail

TESSERA_INLINE Dataset read_d4rl(const hdf5::File& file, const D4rlOptions& options) {
  if (file.limits().hand_over) return detail::read_d4rl_windows(file, options);
  return detail::read_d4rl_rows(file, options, detail::d4rl_keys(file), nullptr);
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
