#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/doctor/columns.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
namespace detail {
TESSERA_INLINE std::string column_name(const Dataset& data, std::int64_t column) {
  const auto& names = data.spaces.observation_names;
  return "observations [" + std::to_string(column) + "]" +
         (names.empty() ? "" : " (" + printable_name(names[std::size_t(column)]) + ")");
}

// Episodes spread over the data, of at least three transitions, at most 300 of them.
inline std::vector<std::size_t> some_episodes(const Dataset& data) {
  std::vector<std::size_t> all;
  for (std::size_t e = 0; e < data.episodes.size(); ++e)
    if (data.episodes[e].transitions >= 3) all.push_back(e);
  constexpr std::size_t most = 300;
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < std::min(most, all.size()); ++k)
    out.push_back(all[k * all.size() / std::min(most, all.size())]);
  return out;
}

struct Growth {
  bool steady = false;    // by the same amount in every step
  bool monotone = false;  // up in every step, or down in every step, the same way in all episodes
};
// One step in twenty may be an exception: another defect of the log may have made it.
inline Growth growth_of(const Dataset& data, std::int64_t column, const std::vector<std::size_t>& episodes) {
  const auto at = [&](std::int64_t i) { return double(data.observation(i)[column]); };
  std::vector<float> steps;
  std::int64_t up = 0, down = 0, steady = 0;
  for (const auto e : episodes) {
    const auto& episode = data.episodes[e];
    for (auto i = episode.first; i + 1 < episode.first + episode.transitions; ++i) {
      const double step = at(i + 1) - at(i);
      up += step > 0, down += step < 0;
      steps.push_back(float(step));
    }
    if (steps.size() > 200 && 10 * std::max(up, down) < 9 * std::int64_t(steps.size()))
      return {};  // nothing of the kind
  }
  const auto least = std::int64_t(std::ceil(0.95 * double(steps.size())));
  if (steps.size() < 40 || std::max(up, down) < least) return {};
  const double by = double(quantile(steps, 0.5));
  for (const auto e : episodes) {
    const auto& episode = data.episodes[e];
    for (auto i = episode.first; i + 1 < episode.first + episode.transitions; ++i) {
      const double rounding = 2.4e-7 * std::max(std::abs(at(i)), std::abs(at(i + 1)));
      steady += std::abs(at(i + 1) - at(i) - by) <= 1e-3 * std::abs(by) + rounding;
    }
  }
  return {.steady = steady >= least, .monotone = true};
}

TESSERA_INLINE std::vector<std::int64_t> time_columns(const Dataset& data) {
  std::vector<std::int64_t> out;
  const auto episodes = some_episodes(data);
  for (std::int64_t j = 0; j < data.observation_size; ++j)
    if (growth_of(data, j, episodes).steady) out.push_back(j);
  return out;
}
}  // namespace detail

namespace symptoms {
TESSERA_INLINE void ObservationColumns::run(const Dataset& data, DoctorReport& report) {
  std::vector<Finding> found;
  detail::find_in_observations(data, found);
  for (auto& f : found) {
    if (f.name == "constant-observations") f.level = severity::note;
    report.add(std::move(f));
  }
}

TESSERA_INLINE void RareValues::run(const Dataset& data, DoctorReport& report) {
  std::vector<std::int64_t> rare;
  FoundRows rows;
  for (std::int64_t j = 0; j < data.observation_size; ++j) {
    // The number that most rows have, if most have one: the only candidate left when different ones cancel out.
    float mode = 0;
    std::int64_t lead = 0, same = 0;
    for (std::int64_t i = 0; i < data.size(); ++i) {
      const float x = data.observation(i)[j];
      if (lead == 0) mode = x;
      lead += x == mode ? 1 : -1;
    }
    for (std::int64_t i = 0; i < data.size(); ++i) same += data.observation(i)[j] == mode;
    if (same == data.size() || 1000 * (data.size() - same) > data.size()) continue;
    if (rare.empty())
      for (std::int64_t i = 0; i < data.size(); ++i)
        if (data.observation(i)[j] != mode) rows.add(i);
    rare.push_back(j);
  }
  if (rare.empty()) return;
  report.add({.what = detail::columns_text(rare, data.spaces.observation_names) + (rare.size() == 1 ? " is" : " are") +
                      " the same in all but " + rows.text(data) + (rare.size() == 1 ? "" : " (of the first column)"),
              .key = "observations " + detail::columns_text(rare),
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "too few rows to learn what the other values mean",
              .advice = "data.scale=robust keeps them of ordinary size"});
}

TESSERA_INLINE void ObservationBounds::run(const Dataset& data, DoctorReport& report) {
  const auto &low = data.spaces.observation_low, &high = data.spaces.observation_high;
  if (low.empty() || high.empty()) return;
  FoundRows rows;
  std::vector<std::uint8_t> columns(low.size());
  for (std::int64_t i = 0; i < data.size(); ++i) {
    bool outside = false;
    for (std::size_t j = 0; j < low.size(); ++j) {
      const float x = data.observation(i)[j], slack = 1e-5f * std::max({1.0f, std::abs(x)});
      if (!(x < low[j] - slack || x > high[j] + slack)) continue;
      outside = true, columns[j] = 1;
    }
    if (outside) rows.add(i);
  }
  if (rows.count() == 0) return;
  std::vector<std::int64_t> which;
  for (std::size_t j = 0; j < columns.size(); ++j)
    if (columns[j] != 0) which.push_back(std::int64_t(j));
  report.add({.what = rows.text(data) + ": observations outside the bounds that the file declares",
              .key = "observations " + detail::columns_text(which),
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "either the bounds or the numbers are not those of the task",
              .advice = "compare them; training uses the numbers"});
}

TESSERA_INLINE void TimeColumn::run(const Dataset& data, DoctorReport& report) {
  const auto episodes = detail::some_episodes(data);
  std::vector<std::int64_t> growing;
  for (std::int64_t j = 0; j < data.observation_size; ++j) {
    const auto growth = detail::growth_of(data, j, episodes);
    if (growth.steady)
      report.add(
          {.what = detail::column_name(data, j) + " changes by the same amount in every step: it counts the steps",
           .key = detail::column_name(data, j),
           .why = "a policy can learn what is done at which time instead of in which state, and fails where a "
                  "start differs from the log's",
           .advice = "leave the column out, unless the time that is left is a part of the task"});
    else if (growth.monotone) growing.push_back(j);
    if (growth.monotone || data.episodes.size() < 5) continue;
    // A number of the episode: constant within each, and larger than in the one before; the same in some pairs if one
    // was cut in two.
    bool numbers = true, any = false;
    double before = 0;
    std::int64_t larger = 0;
    for (const auto& e : data.episodes) {
      if (e.transitions == 0) continue;
      const double x = double(data.observation(e.first)[j]);
      for (auto i = e.first; numbers && i < e.first + e.transitions; ++i) numbers = double(data.observation(i)[j]) == x;
      numbers = numbers && (!any || x >= before);
      if (!numbers) break;
      larger += !any || x > before;
      before = x, any = true;
    }
    if (numbers && 2 * larger >= std::int64_t(data.episodes.size()))
      report.add({.name = "episode-column",
                  .level = severity::warning,
                  .what = detail::column_name(data, j) +
                          " is constant in each episode and grows with every one: it numbers "
                          "the episodes",
                  .key = detail::column_name(data, j),
                  .why = "networks learn the episodes by heart, and meet a number of their own when they act",
                  .advice = "leave the column out"});
  }
  if (!growing.empty())
    report.add({.name = "monotone-column",
                .level = severity::note,
                .what = "observations " + detail::columns_text(growing, data.spaces.observation_names) +
                        " only ever grow or only ever fall within an episode",
                .key = "observations " + detail::columns_text(growing),
                .why = "it may stand for the time: see time-column",
                .advice = "leave it out if it is a clock"});
}

TESSERA_INLINE void ReturnColumn::run(const Dataset& data, DoctorReport& report) {
  const auto [least, largest] = std::minmax_element(data.rewards.begin(), data.rewards.end());
  if (*least == *largest) return;  // returns are lengths then: see time-column
  struct Target {
    const char *name, *about;
    std::vector<double> x;
  };
  std::vector<Target> targets = {{"to-come", "the sum of the rewards that are still to come", {}},
                                 {"so-far", "the sum of the rewards so far", {}},
                                 {"return", "the return of the whole episode", {}}};
  std::vector<std::int64_t> rows;
  const auto episodes = detail::some_episodes(data);
  for (const auto e : episodes) {
    const auto& episode = data.episodes[e];
    double total = 0, before = 0;
    for (auto i = episode.first; i < episode.first + episode.transitions; ++i)
      total += double(data.rewards[std::size_t(i)]);
    for (auto i = episode.first; i < episode.first + episode.transitions && rows.size() < 50'000; ++i) {
      rows.push_back(i);
      targets[0].x.push_back(total - before), targets[1].x.push_back(before), targets[2].x.push_back(total);
      before += double(data.rewards[std::size_t(i)]);
    }
  }
  if (rows.size() < 50 || episodes.size() < 3) return;
  const auto steady = detail::time_columns(data);
  const double count = double(rows.size());
  for (std::int64_t j = 0; j < data.observation_size; ++j) {
    if (std::find(steady.begin(), steady.end(), j) != steady.end()) continue;
    double mean = 0, square = 0;
    for (const auto i : rows) mean += double(data.observation(i)[j]) / count;
    for (const auto i : rows) square += std::pow(double(data.observation(i)[j]) - mean, 2);
    if (!(square > 1e-12 * count * mean * mean)) continue;
    for (const auto& target : targets) {
      double center = 0, of_target = 0, together = 0;
      for (const double t : target.x) center += t / count;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        of_target += std::pow(target.x[k] - center, 2);
        together += (double(data.observation(rows[k])[j]) - mean) * (target.x[k] - center);
      }
      if (!(of_target > 1e-12 * count * center * center) || !(together * together > 0.9999 * square * of_target))
        continue;
      report.add({.what = detail::column_name(data, j) + " is " + target.about + ", up to a factor and an offset",
                  .key = detail::column_name(data, j),
                  .why = "values are read off instead of learned, and nobody knows the number when the policy acts",
                  .advice = "leave the column out"});
      break;
    }
  }
}
}  // namespace symptoms
}  // namespace tessera
