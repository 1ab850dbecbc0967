#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <tessera/data/d4rl.hpp>
#include <tessera/data/from_arrays.hpp>
#include <tessera/data/require_sound.hpp>
#include <tessera/data/unknown_next.hpp>
#include <tessera/inline.hpp>

namespace tessera {
TESSERA_INLINE Dataset dataset_from_arrays(LogArrays a) {
  const bool discrete = !a.action_indices.empty();
  const auto kind = discrete ? action_kind::discrete : action_kind::continuous;
  detail::require_sizes(a.name, a.observation_size, a.action_size, kind);
  if (a.rewards.empty()) throw Error(a.name + ": rewards is empty; give one for every row");
  const auto rows = static_cast<std::int64_t>(a.rewards.size());
  if (discrete && !a.actions.empty()) throw Error(a.name + ": has both actions and action_indices; give one of them");
  if (a.terminals.empty()) throw Error(a.name + ": terminals is empty; give one flag for every row, 0 where the task went on");
  detail::require_length(a.name, "observations", a.observations.size(), rows, a.observation_size);
  if (!a.next_observations.empty()) detail::require_length(a.name, "next_observations", a.next_observations.size(), rows, a.observation_size);
  detail::require_length(a.name, "terminals", a.terminals.size(), rows, 1);
  if (!a.timeouts.empty()) detail::require_length(a.name, "timeouts", a.timeouts.size(), rows, 1);
  detail::require_finite(a.name, "observations", a.observations.data(), a.observations.size(), a.observation_size);
  detail::require_finite(a.name, "rewards", a.rewards.data(), a.rewards.size(), 1);
  detail::require_flags(a.name, "terminals", a.terminals.data(), a.terminals.size());
  detail::require_flags(a.name, "timeouts", a.timeouts.data(), a.timeouts.size());
  // As in a file, what was never seen after an end may be NaN.
  for (std::int64_t i = 0; !a.next_observations.empty() && i < rows; ++i)
    for (std::int64_t j = 0; j < a.observation_size; ++j) {
      const float x = a.next_observations[static_cast<std::size_t>(i * a.observation_size + j)];
      if (!std::isfinite(x) && !(std::isnan(x) && a.terminals[static_cast<std::size_t>(i)] != 0))
        throw Error(a.name + ": next_observations is " + (std::isnan(x) ? "NaN" : "infinite") + " in row " + std::to_string(i) + ", column " +
                    std::to_string(j) + "; only of a terminal row it may be NaN: leave out such episodes, or correct them");
    }
  const bool declared = !a.action_low.empty() || !a.action_high.empty();
  if (discrete) {
    detail::require_length(a.name, "action_indices", a.action_indices.size(), rows, 1);
    detail::require_indices(a.name, a.action_indices.data(), a.action_indices.size(), a.action_size);
    if (declared) throw Error(a.name + ": its actions are discrete and have no limits; leave out action_low and action_high");
  } else {
    detail::require_length(a.name, "actions", a.actions.size(), rows, a.action_size);
    detail::require_finite(a.name, "actions", a.actions.data(), a.actions.size(), a.action_size);
    if (declared) detail::require_limits(a.name, a.action_low, a.action_high, a.action_size, true);
    for (std::size_t i = 0; declared && i < a.actions.size(); ++i) {
      const auto j = i % static_cast<std::size_t>(a.action_size);
      const float slack = 1e-4f * (a.action_high[j] - a.action_low[j]);  // of copies that were rounded
      if (a.actions[i] < a.action_low[j] - slack || a.actions[i] > a.action_high[j] + slack)
        throw Error(a.name + ": actions is " + std::to_string(a.actions[i]) + " in row " + std::to_string(i / static_cast<std::size_t>(a.action_size)) +
                    ", column " + std::to_string(j) + ", outside its limits " + std::to_string(a.action_low[j]) + " to " +
                    std::to_string(a.action_high[j]) + "; correct it, or the limits");
    }
  }

  FlatRows flat;
  flat.name = std::move(a.name), flat.format = "arrays", flat.kind = kind;
  flat.observation_size = a.observation_size, flat.action_size = a.action_size;
  flat.observations.assign(a.observations.begin(), a.observations.end());
  flat.next_observations.assign(a.next_observations.begin(), a.next_observations.end());
  flat.actions.assign(a.actions.begin(), a.actions.end());
  flat.action_indices.assign(a.action_indices.begin(), a.action_indices.end());
  flat.rewards.assign(a.rewards.begin(), a.rewards.end());
  flat.terminals.assign(a.terminals.begin(), a.terminals.end());
  flat.timeouts.assign(a.rewards.size(), 0);
  if (!a.timeouts.empty()) flat.timeouts.assign(a.timeouts.begin(), a.timeouts.end());
  else
    flat.warnings.push_back({"no-timeouts", std::string("timeouts is empty: episode ends are taken from terminals") +
                                                (a.next_observations.empty() ? " alone, so episodes cut by a time limit are joined to the next"
                                                                             : " and from jumps between next and following observations")});
  mark_unknown_next(flat);
  if (!flat.next_observations.empty()) mark_jumps(flat);
  auto data = assemble(std::move(flat));
  if (declared) data.action_low = std::move(a.action_low), data.action_high = std::move(a.action_high), data.limits_from = limits_origin::user;
  return data;
}
}  // namespace tessera
