#pragma once
#include <cmath>

#include <tessera/cli/spaces_json.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE json spaces_json(const LogSpaces& s) {
  json out = json::object();
  if (!s.observation_names.empty()) out["observation_names"] = s.observation_names;
  if (!s.observation_low.empty()) out["observation_low"] = detail::bounds_json(s.observation_low);
  if (!s.observation_high.empty()) out["observation_high"] = detail::bounds_json(s.observation_high);
  if (!s.action_names.empty()) out["action_names"] = s.action_names;
  if (!s.action_factors.empty()) out["action_factors"] = s.action_factors;
  if (s.first_action != 0) out["first_action"] = s.first_action;
  return out;
}

TESSERA_CLI_INLINE json task_json(const LogTask& t) {
  json out = json::object();
  if (!t.environment.empty()) out["environment"] = printable_name(t.environment);
  if (t.max_steps != 0) out["max_steps"] = t.max_steps;
  if (std::isfinite(t.score_zero)) out["score_zero"] = t.score_zero;
  if (std::isfinite(t.score_hundred)) out["score_hundred"] = t.score_hundred;
  return out;
}
}  // namespace tessera::cli
