#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/doctor/coverage.hpp>
#include <tessera/doctor/steps.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE BehaviorSpread behavior_spread(const Dataset& data) {
  constexpr std::size_t rows = 5000, queries = 200, nearest = 50;
  const auto spread = detail::spread_rows(data.size());
  std::vector<std::int64_t> sample;
  for (std::size_t k = 0; k < std::min(rows, spread.size()); ++k)
    sample.push_back(spread[spread.size() > rows ? k * spread.size() / rows : k]);
  const bool discrete = data.kind == action_kind::discrete;
  const auto d = data.action_size;
  const auto of = [&](const std::vector<std::int64_t>& chosen) {
    const auto count = double(chosen.size());
    if (discrete) {
      std::vector<double> share(std::size_t(d), 0.0);
      for (const auto i : chosen) share[std::size_t(data.action_indices[std::size_t(i)])] += 1 / count;
      double entropy = 0, kinds = 0;
      for (const double p : share)
        if (p > 0) entropy -= p * std::log(p), ++kinds;
      return std::min(std::exp(entropy + (kinds - 1) / (2 * count)), double(d));
    }
    double sum = 0, columns = 0;
    for (std::int64_t j = 0; j < d; ++j) {
      const double range = double(data.action_high[std::size_t(j)]) - double(data.action_low[std::size_t(j)]);
      if (!(range > 0)) continue;
      double mean = 0, square = 0;
      for (const auto i : chosen) mean += double(data.actions[std::size_t(i * d + j)]) / count;
      for (const auto i : chosen) square += std::pow(double(data.actions[std::size_t(i * d + j)]) - mean, 2);
      sum += square / (count - 1) / (range * range / 12), ++columns;
    }
    return columns > 0 ? sum / columns : 0;
  };
  BehaviorSpread out;
  out.of_all = of(sample);
  const StepLengths steps(data);
  std::vector<std::pair<double, std::int64_t>> near(sample.size());
  const auto asked = std::min(queries, sample.size());
  for (std::size_t q = 0; q < asked; ++q) {
    const auto from = sample[q * sample.size() / asked];
    for (std::size_t k = 0; k < sample.size(); ++k)
      near[k] = {steps.length(data.observation(from), data.observation(sample[k])), sample[k]};
    const auto end = near.begin() + std::ptrdiff_t(std::min(nearest, near.size()));
    std::partial_sort(near.begin(), end, near.end());
    std::vector<std::int64_t> chosen;
    for (auto at = near.begin(); at != end; ++at) chosen.push_back(at->second);
    out.of_state += of(chosen) / double(asked);
  }
  return out;
}

namespace symptoms {
TESSERA_INLINE void Coverage::run(const Dataset& data, DoctorReport& report) {
  const auto b = behavior_spread(data);
  const bool discrete = data.kind == action_kind::discrete;
  if (discrete) {
    const auto all = " of " + std::to_string(data.action_size) + " actions";
    report.measure({"effective-actions", b.of_state, "effective number" + all + " in a state, exp(entropy)"});
    report.measure({"effective-actions-all", b.of_all, "effective number" + all + " over all states"});
  } else {
    report.measure(
        {"action-variance", b.of_state, "variance of the actions in a state; 1: uniform between the limits"});
    report.measure({"action-variance-all", b.of_all, "the same over all states"});
  }
  if (discrete ? data.action_size < 2 || b.of_state > 1.15 : b.of_state > 1e-3) return;
  report.add({.name = "narrow-behavior",
              .level = severity::note,
              .what = discrete ? "in a state practically always the same action is taken (effective number " +
                                     detail::short_number(b.of_state) + ")"
                               : "in a state practically always the same action is taken (variance " +
                                     detail::short_number(b.of_state) + " of that of uniform ones)",
              .key = "actions",
              .why = "the log does not say what other actions lead to: a policy can hardly be better than the one that "
                     "acted",
              .advice = "imitate it (bc), or collect data with more exploration"});
}
}  // namespace symptoms
}  // namespace tessera
