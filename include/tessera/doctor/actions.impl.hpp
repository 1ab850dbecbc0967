#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/doctor/actions.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::symptoms {
TESSERA_INLINE void ContinuousActions::run(const Dataset& data, DoctorReport& report) {
  std::vector<Finding> found;
  detail::find_in_continuous_actions(data, found);
  for (auto& f : found) report.add(std::move(f));
}

TESSERA_INLINE void SaturatedActions::run(const Dataset& data, DoctorReport& report) {
  const auto d = data.action_size;
  std::vector<std::int64_t> which;
  std::int64_t most = 0;
  FoundRows rows;
  for (std::int64_t j = 0; j < d; ++j) {
    const float low = data.action_low[std::size_t(j)], high = data.action_high[std::size_t(j)],
                near = 1e-3f * (high - low);
    if (!(high > low)) continue;
    const auto at = [&](std::int64_t i) {
      const float x = data.actions[std::size_t(i * d + j)];
      return x <= low + near || x >= high - near;
    };
    std::int64_t count = 0;
    for (std::int64_t i = 0; i < data.size(); ++i) count += at(i);
    if (4 * count < data.size()) continue;
    if (which.empty())
      for (std::int64_t i = 0; i < data.size(); ++i)
        if (at(i)) rows.add(i);
    which.push_back(j), most = std::max(most, count);
  }
  if (which.empty()) return;
  report.add({.what = "up to " + std::to_string(100 * most / data.size()) + " % of the actions lie at a limit, in " +
                      detail::columns_text(which, data.spaces.action_names),
              .key = "actions " + detail::columns_text(which),
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "a policy squashed by tanh reaches a limit only at infinity: its likelihood of such actions is "
                     "dominated by rounding",
              .advice = "limits a little wider than the actions (--action-low, --action-high) if clones are poor"});
}

TESSERA_INLINE void DiscreteActions::run(const Dataset& data, DoctorReport& report) {
  std::vector<Finding> found;
  detail::find_in_discrete_actions(data, found);
  // Of several choices at once, a combination that nobody made is no gap in the codes.
  const auto& factors = data.spaces.action_factors;
  bool each = !factors.empty();
  std::int64_t below = 1;
  for (std::size_t k = factors.size(); k-- > 0 && each; below *= factors[k]) {
    std::vector<std::uint8_t> used(static_cast<std::size_t>(factors[k]));
    for (const auto a : data.action_indices) used[std::size_t(a / below % factors[k])] = 1;
    for (const auto u : used) each = each && u != 0;
  }
  for (auto& f : found) {
    if (each) f.level = severity::note;
    report.add(std::move(f));
  }
}
}  // namespace tessera::symptoms
