#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/dataset/unknown_next.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
// Checks a matrix against the number of rows in `rewards`; the error names a width that would fit.
TESSERA_INLINE void require_rows(const LogArrays& a, const char* column, std::size_t has, std::int64_t width,
                                 const char* width_name) {
  const auto rows = std::int64_t(a.rewards.size()), count = std::int64_t(has);
  if (count % width == 0 && count / width == rows) return;
  throw Error(
      a.name + ": " + column + " holds " + std::to_string(has) + " numbers, where " + std::to_string(rows) +
      (rows == 1 ? " row" : " rows") + " of " + std::to_string(width) + " are " + std::to_string(rows * width) +
      " (rewards has " + std::to_string(rows) + "); " +
      (count > 0 && count % rows == 0 && width_name != nullptr
           ? std::string("set ") + width_name + " to " + std::to_string(count / rows) + ", or give another array"
           : std::string("give one entry for every row, episodes one after the other")));
}
// Throws for the worst action outside its limits, beyond the rounding of copies.
TESSERA_INLINE void require_inside(const LogArrays& a) {
  const auto width = static_cast<std::size_t>(a.action_size);
  std::size_t first = 0, rows = 0, last = 0;
  float worst = 0, beyond = 0;
  for (std::size_t i = 0; i < a.actions.size(); ++i) {
    const auto j = i % width;
    const float slack = 1e-4f * (a.action_high[j] - a.action_low[j]),
                over = std::max(a.action_low[j] - a.actions[i], a.actions[i] - a.action_high[j]);
    if (over <= slack) continue;
    if (rows == 0) first = i;
    if (rows == 0 || i / width != last) ++rows, last = i / width;
    if (over > beyond) beyond = over, worst = a.actions[i];
  }
  if (rows == 0) return;
  const auto j = first % width;
  throw Error(a.name + ": actions is " + plain_number(a.actions[first]) + " in row " + std::to_string(first / width) +
              ", column " + std::to_string(j) + ", outside its limits " + plain_number(a.action_low[j]) + " to " +
              plain_number(a.action_high[j]) +
              (rows > 1
                   ? " (the first of " + std::to_string(rows) + " rows; the furthest is " + plain_number(worst) + ")"
                   : std::string()) +
              "; clip what was logged to what the task did, or correct action_low and action_high");
}
// Throws if the next observations are a copy of the observations: somebody forgot to shift them by one row.
TESSERA_INLINE void require_steps(const LogArrays& a) {
  const auto width = static_cast<std::size_t>(a.observation_size) * sizeof(float), rows = a.rewards.size();
  if (a.next_observations.empty() || rows < 2 ||
      std::memcmp(a.next_observations.data(), a.observations.data(), rows * width) != 0)
    return;
  for (std::size_t i = 1; i < rows; ++i)  // they are equal in a task in which nothing ever moves
    if (std::memcmp(a.observations.data(), a.observations.data() + i * static_cast<std::size_t>(a.observation_size),
                    width) != 0)
      throw Error(a.name +
                  ": next_observations is observations in every row; give what each step led to, or leave it out and "
                  "each row leads to the one below");
}
// Warns about terminals that look like a time limit: all after equally many steps, and no episode marked as cut.
TESSERA_INLINE void suspect_time_limit(const LogArrays& a, std::vector<Warning>& warnings) {
  std::size_t length = 0, episodes = 0, begin = 0;
  for (std::size_t i = 0; i < a.rewards.size(); ++i) {
    if (!a.timeouts.empty() && a.timeouts[i] != 0) return;
    if (a.terminals[i] == 0) continue;
    if (episodes > 0 && i + 1 - begin != length) return;
    length = i + 1 - begin, begin = i + 1, ++episodes;
  }
  if (episodes < 3 || length < 2) return;
  warnings.push_back(
      {"terminals-of-one-length",
       "all " + std::to_string(episodes) + " episodes end with terminals = 1 after " + std::to_string(length) +
           " rows; where that was a time limit, mark it in timeouts and not in terminals, else what would have "
           "followed is taken to be worth 0"});
}
}  // namespace detail

TESSERA_INLINE Dataset dataset_from_arrays(LogArrays a) {
  const bool discrete = !a.action_indices.empty();
  const auto kind = discrete ? action_kind::discrete : action_kind::continuous;
  detail::require_sizes(a.name, a.observation_size, a.action_size, kind);
  if (a.rewards.empty()) throw Error(a.name + ": rewards is empty; give one for every row");
  const auto rows = static_cast<std::int64_t>(a.rewards.size());
  if (discrete && !a.actions.empty()) throw Error(a.name + ": has both actions and action_indices; give one of them");
  if (a.terminals.empty())
    throw Error(a.name + ": terminals is empty; give one flag for every row, 0 where the task went on");
  detail::require_rows(a, "observations", a.observations.size(), a.observation_size, "observation_size");
  if (!a.next_observations.empty())
    detail::require_rows(a, "next_observations", a.next_observations.size(), a.observation_size, nullptr);
  detail::require_rows(a, "terminals", a.terminals.size(), 1, nullptr);
  if (!a.timeouts.empty()) detail::require_rows(a, "timeouts", a.timeouts.size(), 1, nullptr);
  detail::require_finite(a.name, "observations", a.observations.data(), a.observations.size(), a.observation_size);
  detail::require_finite(a.name, "rewards", a.rewards.data(), a.rewards.size(), 1);
  detail::require_flags(a.name, "terminals", a.terminals.data(), a.terminals.size());
  detail::require_flags(a.name, "timeouts", a.timeouts.data(), a.timeouts.size());
  // As in a file, a next observation that was never seen after an end may be NaN.
  for (std::int64_t i = 0; !a.next_observations.empty() && i < rows; ++i)
    for (std::int64_t j = 0; j < a.observation_size; ++j) {
      const float x = a.next_observations[static_cast<std::size_t>(i * a.observation_size + j)];
      if (!std::isfinite(x) && !(std::isnan(x) && a.terminals[static_cast<std::size_t>(i)] != 0))
        throw Error(a.name + ": next_observations is " + (std::isnan(x) ? "NaN" : "infinite") + " in row " +
                    std::to_string(i) + ", column " + std::to_string(j) +
                    "; only of a terminal row it may be NaN: leave out such episodes, or correct them");
    }
  detail::require_steps(a);
  if (!a.propensities.empty()) {
    detail::require_rows(a, "propensities", a.propensities.size(), 1, nullptr);
    detail::require_propensities(a.name, a.propensities.data(), a.propensities.size(), kind);
  }
  const bool declared = !a.action_low.empty() || !a.action_high.empty();
  if (discrete) {
    detail::require_rows(a, "action_indices", a.action_indices.size(), 1, nullptr);
    detail::require_indices(a.name, a.action_indices.data(), a.action_indices.size(), a.action_size);
    if (declared)
      throw Error(a.name + ": its actions are discrete and have no limits; leave out action_low and action_high");
  } else {
    detail::require_rows(a, "actions", a.actions.size(), a.action_size, "action_size");
    detail::require_finite(a.name, "actions", a.actions.data(), a.actions.size(), a.action_size);
    if (declared)
      detail::require_limits(a.name, a.action_low, a.action_high, a.action_size, true), detail::require_inside(a);
  }

  FlatRows flat;
  flat.name = std::move(a.name), flat.format = "arrays", flat.kind = kind;
  flat.observation_size = a.observation_size, flat.action_size = a.action_size;
  flat.observations.assign(a.observations.begin(), a.observations.end());
  flat.next_observations.assign(a.next_observations.begin(), a.next_observations.end());
  flat.actions.assign(a.actions.begin(), a.actions.end());
  flat.action_indices.assign(a.action_indices.begin(), a.action_indices.end());
  flat.rewards.assign(a.rewards.begin(), a.rewards.end());
  flat.propensities.assign(a.propensities.begin(), a.propensities.end());
  flat.terminals.assign(a.terminals.begin(), a.terminals.end());
  flat.timeouts.assign(a.rewards.size(), 0);
  if (!a.timeouts.empty()) {
    flat.timeouts.assign(a.timeouts.begin(), a.timeouts.end());
    RowCount both;
    for (std::int64_t i = 0; i < rows; ++i)
      if (flat.terminals[std::size_t(i)] != 0 && flat.timeouts[std::size_t(i)] != 0) both.add(i);
    both.report(flat.warnings, "terminal-and-timeout", "marked as both; taken as terminal");
  } else {
    flat.warnings.push_back(
        {"no-timeouts", std::string("timeouts is empty: episode ends are taken from terminals") +
                            (a.next_observations.empty()
                                 ? " alone, so episodes cut by a time limit are joined to the next; if there are "
                                   "any, set timeouts to 1 in the last row of each"
                                 : " and from jumps between next and following observations")});
  }
  detail::suspect_time_limit(a, flat.warnings);
  if (!discrete && !declared)
    flat.warnings.push_back(
        {"limits-not-given",
         "action_low and action_high are empty: the least and largest action seen are taken for the limits, and the "
         "policy will not go beyond; give what the task takes"});
  mark_unknown_next(flat);
  if (!flat.next_observations.empty()) mark_jumps(flat);
  flat.spaces = std::move(a.spaces);
  auto data = assemble(std::move(flat));
  detail::require_spaces(data.name, data);
  if (declared)
    data.action_low = std::move(a.action_low), data.action_high = std::move(a.action_high),
    data.limits_from = limits_origin::user;
  return data;
}
}  // namespace tessera
