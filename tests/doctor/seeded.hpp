#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/doctor/check.hpp>
#include <tessera/support/random.hpp>

/// A log of a damped oscillator that is pushed: 60 episodes of 40 rows, of which every third terminates at a random
/// earlier step.  Observations are position and velocity, the reward is -(x^2 + 0.1 v^2 + 0.5 a^2).  Nothing is odd
/// about it, and each defect below is put into its rows.
namespace support {
struct OscillatorLog {
  std::int64_t actions = 0;  ///< discrete ones: the push is -1, 0, 1, ...; 0: continuous
  bool next = true;          ///< whether the rows have next observations
  std::int64_t episodes = 60, length = 40;
  std::uint64_t seed = 5;
};

inline tessera::FlatRows oscillator(const OscillatorLog& log) {
  tessera::FlatRows rows;
  rows.name = "oscillator", rows.format = "hand";
  rows.observation_size = 2, rows.action_size = log.actions > 0 ? log.actions : 1;
  if (log.actions > 0) rows.kind = tessera::action_kind::discrete;
  else rows.action_low = {-1}, rows.action_high = {1};
  tessera::Random random(log.seed);
  for (std::int64_t e = 0; e < log.episodes; ++e) {
    double x = random.uniform(1.5, 2.5), v = random.uniform(-0.2, 0.2);
    const bool ends = e % 3 == 0;
    const auto length = ends ? log.length / 4 + std::int64_t(random.below(std::uint64_t(log.length / 2))) : log.length;
    for (std::int64_t k = 0; k < length; ++k) {
      double a = random.uniform(-1, 1);
      if (log.actions > 0) {
        const auto index = std::int64_t(random.below(std::uint64_t(log.actions)));
        rows.action_indices.push_back(index);
        a = double(index) - double(log.actions - 1) / 2;
      } else {
        rows.actions.push_back(float(a));
      }
      rows.observations.push_back(float(x)), rows.observations.push_back(float(v));
      rows.rewards.push_back(float(-(x * x + 0.1 * v * v + 0.5 * a * a)));
      v += 0.2 * (-2 * x - 0.1 * v + 2 * a), x += 0.2 * v;
      if (log.next) rows.next_observations.push_back(float(x)), rows.next_observations.push_back(float(v));
      rows.terminals.push_back(ends && k + 1 == length);
      rows.timeouts.push_back(!ends && k + 1 == length);
    }
  }
  return rows;
}

/// The rows of each episode: the first, and one behind the last.
inline std::vector<std::pair<std::int64_t, std::int64_t>> ranges_of(const tessera::FlatRows& rows) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    if (rows.terminals[i] != 0 || rows.timeouts[i] != 0)
      out.emplace_back(first, std::int64_t(i) + 1), first = std::int64_t(i) + 1;
  return out;
}

/// A defect: what it does to the rows, and what must be found then.
struct Defect {
  std::string finding;  ///< its name
  std::function<void(tessera::FlatRows&)> seed;
  std::int64_t count = 0;    ///< rows; 0: not asked
  std::int64_t first = -1;   ///< the first row; -1: not asked
  std::string key = {};      ///< in the key
  std::string repair = {};   ///< its repair
  std::int64_t actions = 0;  ///< of the log that it is put into
  bool next = true;          ///< likewise
  bool alone = false;        ///< it changes so much that it is not combined with others
};
inline void add_column(tessera::FlatRows& rows, const std::function<double(std::int64_t)>& value) {
  const auto n = std::size_t(rows.observation_size), count = rows.rewards.size();
  std::vector<float> x, next;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < n; ++j) x.push_back(rows.observations[i * n + j]);
    x.push_back(float(value(std::int64_t(i))));
    if (rows.next_observations.empty()) continue;
    for (std::size_t j = 0; j < n; ++j) next.push_back(rows.next_observations[i * n + j]);
    const bool end = rows.terminals[i] != 0 || rows.timeouts[i] != 0 || i + 1 == count;
    next.push_back(float(value(std::int64_t(i) + (end ? 0 : 1))));
  }
  rows.observations = std::move(x), rows.next_observations = std::move(next), ++rows.observation_size;
}
inline void erase_rows(tessera::FlatRows& rows, const std::function<bool(std::int64_t)>& out) {
  const auto n = std::size_t(rows.observation_size), d = std::size_t(rows.action_size);
  tessera::FlatRows kept = rows;
  for (auto* x : {&kept.observations, &kept.next_observations, &kept.actions, &kept.rewards}) x->clear();
  kept.action_indices.clear(), kept.terminals.clear(), kept.timeouts.clear();
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    if (out(std::int64_t(i))) continue;
    const auto take = [i](std::vector<float>& to, const std::vector<float>& from, std::size_t width) {
      if (!from.empty())
        to.insert(to.end(), from.begin() + std::ptrdiff_t(i * width), from.begin() + std::ptrdiff_t((i + 1) * width));
    };
    take(kept.observations, rows.observations, n), take(kept.next_observations, rows.next_observations, n);
    take(kept.actions, rows.actions, d);
    if (!rows.action_indices.empty()) kept.action_indices.push_back(rows.action_indices[i]);
    kept.rewards.push_back(rows.rewards[i]), kept.terminals.push_back(rows.terminals[i]);
    kept.timeouts.push_back(rows.timeouts[i]);
  }
  rows = std::move(kept);
}
/// Puts copies of the rows [first, end) before row `at`.
inline void insert_rows(tessera::FlatRows& rows, std::int64_t first, std::int64_t end, std::int64_t at) {
  const auto put = [&](auto& x, std::int64_t width) {
    if (x.empty()) return;
    const std::vector copied(x.begin() + first * width, x.begin() + end * width);
    x.insert(x.begin() + at * width, copied.begin(), copied.end());
  };
  put(rows.observations, rows.observation_size), put(rows.next_observations, rows.observation_size);
  put(rows.actions, rows.action_size), put(rows.action_indices, 1), put(rows.rewards, 1);
  put(rows.terminals, 1), put(rows.timeouts, 1);
}

/// Every defect that is put into clean rows.  Rows are those of `oscillator({.actions, .next})`.
inline std::vector<Defect> defects() {
  std::vector<Defect> all;
  const auto clean = oscillator({});
  const auto ranges = ranges_of(clean);
  const auto terminals = std::count(clean.terminals.begin(), clean.terminals.end(), 1);
  const auto doubled = [](tessera::FlatRows& rows) {
    for (const auto& [first, end] : ranges_of(rows))
      if (rows.terminals[std::size_t(end - 1)] != 0) rows.terminals[std::size_t(end - 2)] = 1;
  };
  all.push_back({"doubled-terminal", doubled, terminals, ranges[0].second - 2, "terminals", "doubled-terminal"});
  all.push_back({.finding = "doubled-terminal",
                 .seed = doubled,
                 .count = terminals,
                 .first = ranges[0].second - 2,
                 .key = "terminals",
                 .repair = "doubled-terminal",
                 .next = false});
  const auto early = [](tessera::FlatRows& rows) {
    for (const std::size_t e : {4u, 10u, 25u}) rows.terminals[std::size_t(ranges_of(rows)[e].first + 9)] = 1;
  };
  // Earlier ones shift the later by an episode each.
  const auto early_first = ranges[4].first + 9;
  all.push_back({"early-terminal", early, 3, early_first, "terminals", "early-terminal"});
  all.push_back({.finding = "early-terminal",
                 .seed = early,
                 .count = 3,
                 .first = early_first,
                 .key = "terminals",
                 .repair = "early-terminal",
                 .next = false});
  all.push_back({.finding = "time-limit-terminals",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (std::size_t i = 0; i < rows.rewards.size(); ++i)
                         if (rows.timeouts[i] != 0) rows.timeouts[i] = 0, rows.terminals[i] = 1;
                     },
                 .count = 40,
                 .first = ranges[1].second - 1,
                 .key = "terminals",
                 .repair = "time-limit-terminals"});
  all.push_back({.finding = "unmarked-timeout",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (auto& t : rows.timeouts) t = 0;
                     },
                 .first = ranges[1].second - 1,
                 .key = "timeouts",
                 .next = false,
                 .alone = true});
  all.push_back({.finding = "next-of-next-episode",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       const auto n = rows.observation_size;
                       for (std::int64_t i = 0; i + 1 < std::int64_t(rows.rewards.size()); ++i)
                         if (rows.timeouts[std::size_t(i)] != 0)
                           std::copy_n(rows.observations.begin() + (i + 1) * n, n,
                                       rows.next_observations.begin() + i * n);
                     },
                 .first = ranges[1].second - 1,
                 .key = "next_observations",
                 .repair = "next-of-next-episode"});
  const auto misalign = [](std::int64_t by) {
    return [by](tessera::FlatRows& rows) {
      const auto n = rows.observation_size, count = std::int64_t(rows.rewards.size());
      for (std::int64_t i = 0; i < count; ++i)
        std::copy_n(rows.observations.begin() + std::clamp(i + by, std::int64_t{0}, count - 1) * n, n,
                    rows.next_observations.begin() + i * n);
    };
  };
  all.push_back({.finding = "misaligned-next", .seed = misalign(0), .key = "next_observations", .alone = true});
  all.push_back({.finding = "misaligned-next", .seed = misalign(2), .key = "next_observations", .alone = true});
  all.push_back({.finding = "misaligned-next", .seed = misalign(-1), .key = "next_observations", .alone = true});
  all.push_back({.finding = "broken-continuity",
                 .seed = [](tessera::FlatRows& rows) { rows.next_observations[2 * 25] += 0.5f; },
                 .count = 1,
                 .first = 25,
                 .key = "next_observations",
                 .alone = true});
  all.push_back({.finding = "duplicate-episodes",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       const auto r = ranges_of(rows)[7];
                       insert_rows(rows, r.first, r.second, r.second);
                     },
                 .count = 1,
                 .first = ranges[7].second,
                 .key = "episodes",
                 .repair = "drop-duplicates"});
  all.push_back({.finding = "duplicate-rows",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (const std::int64_t i : {812, 411, 105}) insert_rows(rows, i, i + 1, i + 1);
                     },
                 .count = 3,
                 .first = 106,
                 .key = "rows",
                 .repair = "drop-duplicates",
                 .next = false});
  all.push_back({.finding = "actions-outside-limits",
                 .seed = [](tessera::FlatRows& rows) { rows.actions[77] = 1.4f; },
                 .count = 1,
                 .first = 77,
                 .key = "actions",
                 .repair = "clip-actions",
                 .alone = true});  // with the limits declared after reading
  all.push_back({.finding = "saturated-actions",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (auto& a : rows.actions) a = std::clamp(2 * a, -1.0f, 1.0f);
                     },
                 .key = "actions [0]"});
  all.push_back(
      {.finding = "outlier-observations",
       .seed = [](tessera::FlatRows& rows) { rows.observations[std::size_t(rows.observation_size) * 300] = 1e6f; },
       .count = 1,
       .first = 300,
       .key = "observations [0]",
       .next = false});
  all.push_back({.finding = "outlier-rewards",
                 .seed = [](tessera::FlatRows& rows) { rows.rewards[50] = 1e9f; },
                 .count = 1,
                 .first = 50,
                 .key = "rewards"});
  all.push_back(
      {.finding = "outlier-actions",
       .seed =
           [](tessera::FlatRows& rows) { rows.actions[40] = 500, rows.action_low.clear(), rows.action_high.clear(); },
       .count = 1,
       .first = 40,
       .key = "actions [0]"});
  all.push_back({.finding = "constant-observations",
                 .seed = [](tessera::FlatRows& rows) { add_column(rows, [](std::int64_t) { return 9.81; }); },
                 .key = "observations [2]"});
  all.push_back(
      {.finding = "nearly-constant-observations",
       .seed = [](tessera::FlatRows& rows) { add_column(rows, [](std::int64_t i) { return i == 500 ? 1.0 : 0.0; }); },
       .count = 1,
       .first = 500,
       .key = "observations [2]"});
  const auto in_episode = [](const tessera::FlatRows& rows,
                             const std::function<double(std::int64_t, std::int64_t, const tessera::FlatRows&)>& f) {
    std::vector<double> x(rows.rewards.size() + 1);
    std::int64_t e = 0;
    for (const auto& [first, end] : ranges_of(rows)) {
      for (auto i = first; i < end; ++i) x[std::size_t(i)] = f(e, i - first, rows);
      ++e;
    }
    return x;
  };
  all.push_back({.finding = "time-column",
                 .seed =
                     [=](tessera::FlatRows& rows) {
                       const auto x = in_episode(rows, [](auto, auto k, const auto&) { return 0.025 * double(k); });
                       add_column(rows, [&](std::int64_t i) { return x[std::size_t(i)]; });
                     },
                 .key = "observations [2]",
                 .next = false});
  all.push_back({.finding = "episode-column",
                 .seed =
                     [=](tessera::FlatRows& rows) {
                       const auto x = in_episode(rows, [](auto e, auto, const auto&) { return double(e) + 100; });
                       add_column(rows, [&](std::int64_t i) { return x[std::size_t(i)]; });
                     },
                 .key = "observations [2]",
                 .next = false});
  all.push_back({.finding = "return-column",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       std::vector<double> left(rows.rewards.size());
                       for (const auto& [first, end] : ranges_of(rows)) {
                         double sum = 0;
                         for (auto i = end; i-- > first;)
                           left[std::size_t(i)] = sum += double(rows.rewards[std::size_t(i)]);
                       }
                       add_column(rows, [&](std::int64_t i) { return left[std::size_t(i)]; });
                     },
                 .key = "observations [2]"});
  all.push_back({.finding = "equal-rewards",
                 .seed = [](tessera::FlatRows& rows) { std::fill(rows.rewards.begin(), rows.rewards.end(), 0.0f); },
                 .key = "rewards",
                 .alone = true});
  all.push_back({.finding = "reward-scale",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (auto& r : rows.rewards) r *= 1000;
                     },
                 .key = "rewards"});
  all.push_back({.finding = "sparse-rewards",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (std::size_t i = 0; i < rows.rewards.size(); ++i) rows.rewards[i] = rows.terminals[i];
                     },
                 .count = terminals,
                 .first = -1,
                 .key = "rewards",
                 .alone = true});
  const auto roll = [](int by) {
    return [by](tessera::FlatRows& rows) {
      auto& r = rows.rewards;
      std::rotate(r.begin(), by > 0 ? r.end() - 1 : r.begin() + 1, r.end());
    };
  };
  all.push_back({.finding = "shifted-rewards", .seed = roll(1), .key = "rewards"});
  all.push_back({.finding = "shifted-rewards", .seed = roll(-1), .key = "rewards"});
  all.push_back({.finding = "whole-number-actions",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (auto& a : rows.actions) a = std::round(a + 1);
                       rows.action_low = {0}, rows.action_high = {2};
                     },
                 .key = "actions",
                 .alone = true});
  all.push_back({.finding = "one-hot-actions",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       std::vector<float> a;
                       for (const float x : rows.actions)
                         for (int j = 0; j < 3; ++j) a.push_back(j == int(std::round(x + 1)) ? 1.0f : 0.0f);
                       rows.actions = std::move(a), rows.action_size = 3;
                       rows.action_low.clear(), rows.action_high.clear();
                     },
                 .key = "actions",
                 .alone = true});
  all.push_back({.finding = "unused-actions",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (auto& a : rows.action_indices) a *= 2;
                       rows.action_size = 5;
                     },
                 .key = "actions [1], [3]",
                 .actions = 3});
  all.push_back({.finding = "narrow-behavior",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       for (std::size_t i = 0; i < rows.action_indices.size(); ++i)
                         rows.action_indices[i] = rows.observations[std::size_t(rows.observation_size) * i] > 0 ? 1 : 0;
                     },
                 .key = "actions",
                 .actions = 2,
                 .alone = true});
  all.push_back({.finding = "open-end",
                 .seed = [](tessera::FlatRows& rows) { rows.timeouts.back() = 0; },
                 .count = 40,
                 .first = ranges.back().first,
                 .key = "timeouts"});
  all.push_back({.finding = "no-end-marks",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       std::fill(rows.terminals.begin(), rows.terminals.end(), std::uint8_t{0});
                       std::fill(rows.timeouts.begin(), rows.timeouts.end(), std::uint8_t{0});
                     },
                 .key = "terminals",
                 .next = false,
                 .alone = true});
  all.push_back({.finding = "few-episodes",
                 .seed =
                     [](tessera::FlatRows& rows) {
                       const auto end = ranges_of(rows)[3].second;
                       erase_rows(rows, [&](std::int64_t i) { return i >= end; });
                     },
                 .alone = true});
  return all;
}

/// Of two defects in one log the smaller comes first: rewards and columns, then rows and marks, then marks that are
/// made of marks.
inline int order_of(const Defect& d) {
  const auto is = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return d.finding == name; });
  };
  if (is({"shifted-rewards"})) return 0;
  if (d.finding.ends_with("-column") || d.finding.ends_with("constant-observations") || is({"reward-scale"})) return 1;
  return is({"time-limit-terminals"}) ? 3 : 2;
}
/// Whether the one hides the other: a column with the rewards to come explains shifted ones as well; and with other
/// rewards or other ends it is not exactly those to come.
inline bool hides(const Defect& a, const Defect& b) {
  const auto is = [](const Defect& d, const char* name) { return d.finding == name; };
  if (is(a, "shifted-rewards")) return is(b, "return-column");
  return is(a, "return-column") && (is(b, "outlier-rewards") || is(b, "doubled-terminal") || is(b, "early-terminal"));
}

inline std::vector<std::string> names_of(const tessera::DoctorReport& report) {
  std::vector<std::string> out;
  for (const auto& f : report.findings) out.push_back(f.name);
  return out;
}
}  // namespace support
