#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/bulk.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/doctor/continuity.hpp>
#include <tessera/doctor/steps.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::vector<std::int64_t> next_of_next_episode(const Dataset& data) {
  const StepLengths steps(data);
  if (!steps.tells()) return {};
  const SameObservation same(data.observations, data.observation_size);
  std::vector<std::int64_t> jumps;
  std::int64_t linked = 0;
  for (std::size_t e = 0; e + 1 < data.episodes.size(); ++e) {
    const auto &a = data.episodes[e], &b = data.episodes[e + 1];
    if (a.transitions == 0 || b.transitions == 0) continue;
    const auto last = a.first + a.transitions - 1;
    if (!data.knows_next(last) || !same(data.next_observation(last), data.observation(b.first))) continue;
    ++linked;
    if (steps.jump(data.observation(last), data.next_observation(last))) jumps.push_back(last);
  }
  if (5 * std::int64_t(jumps.size()) < linked) jumps.clear();
  return jumps;
}

TESSERA_INLINE Misalignment misalignment(const Dataset& data) {
  const SameObservation same(data.observations, data.observation_size);
  const auto count = data.size();
  std::int64_t asked = 0, right = 0, own = 0, above = 0, below = 0, changed = 0;
  for (const auto i : detail::spread_rows(count)) {
    if (i < 1 || i + 2 >= count || !data.knows_next(i)) continue;
    const float* after = data.next_observation(i);
    ++asked;
    right += same(after, data.observation(i + 1));
    own += same(after, data.observation(i));
    changed += !same(data.observation(i), data.observation(i + 1));
    above += same(after, data.observation(i - 1));
    below += same(after, data.observation(i + 2));
  }
  if (asked < 10 || 2 * changed < asked || 2 * right >= asked) return {};
  const auto is = [&](std::int64_t rows) { return 2 * rows > asked; };
  if (is(own)) return {"the row's own observation", 100 * own / asked};
  if (is(below)) return {"the observation two rows below, instead of one", 100 * below / asked};
  if (is(above)) return {"the observation of the row above", 100 * above / asked};
  return {.unrelated = true};
}

namespace symptoms {
TESSERA_INLINE void MisalignedNext::run(const Dataset& data, DoctorReport& report) {
  const auto found = misalignment(data);
  if (found.which != nullptr)
    report.add({.what = "in " + std::to_string(found.percent) + " % of the rows the next observation is " + found.which,
                .key = "next_observations",
                .count = data.size() * found.percent / 100,
                .why = "values are learned backwards or not at all, and a dynamics model learns to stand still or to "
                       "skip steps",
                .advice = "leave next_observations out of the file: then each row leads to the one below it"});
  if (!found.unrelated) return;
  const auto alone = std::count_if(data.episodes.begin(), data.episodes.end(), [&](const Episode& e) {
    return e.transitions == 1 && data.terminals[std::size_t(e.first)] == 0;
  });
  if (10 * alone >= 9 * std::int64_t(data.episodes.size()))
    report.add({.name = "unordered-rows",
                .level = severity::warning,
                .what = "no row begins where the one above it led: each of " + std::to_string(alone) +
                        " rows is an episode of its own",
                .key = "next_observations",
                .count = alone,
                .why = "transitions can be learned from in any order, but there are no returns, no best episodes and "
                       "no episodes to hold out",
                .advice = "write the rows in the order in which they happened"});
}

TESSERA_INLINE void NextOfNextEpisode::run(const Dataset& data, DoctorReport& report) {
  FoundRows rows;
  for (const auto i : next_of_next_episode(data)) rows.add(i);
  if (rows.count() == 0) return;
  report.add(
      {.what = rows.text(data) + ": the next observation at the end of an episode is the first one of the next episode",
       .key = "next_observations",
       .count = rows.count(),
       .rows = rows.rows(data),
       .why = "the value of a fresh start is taken for the value of where the step led",
       .advice = "drop these rows where the episode was cut, and mark the observation as unknown where it terminated",
       .repair = "next-of-next-episode"});
}

TESSERA_INLINE void BrokenContinuity::run(const Dataset& data, DoctorReport& report) {
  const SameObservation same(data.observations, data.observation_size);
  FoundRows rows;
  for (const auto& e : data.episodes)
    for (auto i = e.first; i + 1 < e.first + e.transitions; ++i) {
      if (data.next_observation_row[std::size_t(i)] == data.observation_row[std::size_t(i + 1)]) continue;
      if (data.knows_next(i) && !same(data.next_observation(i), data.observation(i + 1))) rows.add(i);
    }
  if (rows.count() == 0) return;
  if (2 * rows.count() > data.size() && misalignment(data).which != nullptr) return;  // which says it better
  report.add({.what = rows.text(data) + ": the row below in the same episode does not begin where this one led",
              .key = "next_observations",
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "returns and n-step sums run across the break; rows may be missing, or two episodes joined",
              .advice = "mark the end of an episode there, or find the missing rows"});
}
}  // namespace symptoms
}  // namespace tessera
