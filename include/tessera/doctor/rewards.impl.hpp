#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/suit.hpp>
#include <tessera/doctor/rewards.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::symptoms {
TESSERA_INLINE void RewardValues::run(const Dataset& data, DoctorReport& report) {
  std::vector<Finding> found;
  detail::find_in_rewards(data, found);
  for (auto& f : found) report.add(std::move(f));
}

TESSERA_INLINE void RewardScale::run(const Dataset& data, DoctorReport& report) {
  const auto m = detail::reward_moments(data, 0);
  const auto spread = "mean " + detail::short_number(m.mean) + ", std " + detail::short_number(m.std);
  if (m.rms > 100 || (m.size > 0 && m.size < 0.01))
    report.add(
        {.what = "rewards are " + std::string(m.rms > 100 ? "large" : "small") + ": " + spread,
         .key = "rewards",
         .why = m.rms > 100 ? "a network's output grows to such values only slowly, and its losses are huge"
                            : "values are as small as a network's rounding and noise",
         .advice = "`train` divides them unless told otherwise; elsewhere divide them by their root mean square, " +
                   detail::short_number(m.rms)});
  std::vector<float> sorted(data.rewards);
  const auto middle = sorted.begin() + std::ptrdiff_t(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const float mode = *middle;
  std::int64_t others = 0, episodes = 0;
  for (const float r : data.rewards) others += r != mode;
  if (others == 0 || 50 * others > data.size()) return;
  for (const auto& e : data.episodes) {
    bool any = false;
    for (auto i = e.first; i < e.first + e.transitions; ++i) any = any || data.rewards[std::size_t(i)] != mode;
    episodes += any;
  }
  report.add({.name = "sparse-rewards",
              .level = severity::note,
              .what = std::to_string(others) + " of " + std::to_string(data.size()) + " rewards differ from " +
                      detail::short_number(mode) + ", in " + std::to_string(episodes) + " of " +
                      std::to_string(data.episodes.size()) + " episodes",
              .key = "rewards",
              .count = others,
              .why = "values must travel back over many steps from few rows",
              .advice = "a discount near 1, and algorithms that propagate values within the data, such as iql"});
}
}  // namespace tessera::symptoms
