#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <tessera/doctor/reader_warnings.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
struct KnownWarning {
  std::string_view name;
  severity level;
  const char *key, *why, *advice, *repair;
};
// Those of the readers that are harmless, or of which there is more to say.  Any other is a warning.
inline constexpr KnownWarning known_warnings[] = {
    {"doubled-terminal", severity::warning, "terminals",
     "read as it stands, the value of the last step is cut off from the one before it, and the last step counts as an "
     "episode of its own",
     "it was corrected in reading; write the file again for programs that do not", "doubled-terminal"},
    {"terminal-inside-episode", severity::warning, "terminals",
     "the two marks of the file contradict each other: one of them is wrong", "find out which", ""},
    {"terminal-and-timeout", severity::note, "terminals", "as a timeout, its next state would have a value", "", ""},
    {"unknown-next", severity::note, "next_observations",
     "nothing is computed from the state after the end of the task, but a dynamics model needs it", "", ""},
    {"next-of-another-episode", severity::warning, "next_observations",
     "the value of a fresh start would be taken for the value of where the step led",
     "they were left out in reading; write the file again for programs that do not", "next-of-next-episode"},
    {"unmarked-end", severity::warning, "timeouts",
     "returns and n-step sums would run across the break; rows may be missing", "mark the cuts in 'timeouts'", ""},
    {"no-timeouts", severity::warning, "timeouts",
     "where a time limit cut an episode, the first state of the next one is taken for what the action led to",
     "give the time limit with --episode-length", ""},
    {"limits-not-usable", severity::warning, "actions",
     "an action beyond the limits cannot be taken by a policy that keeps them",
     "give the true limits with --action-low and --action-high", "clip-actions"},
    {"dropped-last-row", severity::note, "observations", "", "", ""},
    {"dropped-timeout-rows", severity::note, "observations", "one step of each such episode is not learned from", "",
     ""},
    {"flattened-observations", severity::note, "observations", "", "", ""},
    {"sorted-rows", severity::note, "rows", "", "", ""},
    {"cut-episodes", severity::note, "timeouts", "", "", ""}};
// "1448 rows, first row 26: ..."
inline void take_rows(std::string_view message, Finding& f) {
  std::int64_t count = 0, first = 0;
  const auto number = [&](std::int64_t& x) {
    const auto [end, code] = std::from_chars(message.data(), message.data() + message.size(), x);
    message.remove_prefix(std::size_t(end - message.data()));
    return code == std::errc{};
  };
  if (!number(count)) return;
  const std::string_view between = count == 1 ? " row, first row " : " rows, first row ";
  if (!message.starts_with(between)) return;
  message.remove_prefix(between.size());
  if (number(first)) f.count = count, f.rows = {first};
}
}  // namespace tessera::detail

namespace tessera::symptoms {
TESSERA_INLINE void ReaderWarnings::run(const Dataset& data, DoctorReport& report) {
  for (const auto& w : data.warnings) {
    Finding f{.name = w.name, .level = severity::warning, .what = w.message};
    detail::take_rows(w.message, f);
    const auto known = std::find_if(std::begin(detail::known_warnings), std::end(detail::known_warnings),
                                    [&](const auto& k) { return k.name == w.name; });
    if (known != std::end(detail::known_warnings))
      f.level = known->level, f.key = known->key, f.why = known->why, f.advice = known->advice,
      f.repair = known->repair;
    // Where the file has next observations, a cut without a mark is seen all the same.
    if (w.name == "no-timeouts" && w.message.find("jumps") != std::string::npos) f.level = severity::note;
    report.add(std::move(f));
  }
}
}  // namespace tessera::symptoms
