#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <tessera/doctor/duplicates.hpp>
#include <tessera/doctor/steps.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
struct RowHashes {
  std::vector<std::uint64_t> states, rows;
};
inline RowHashes row_hashes(const Dataset& data) {
  RowHashes out;
  const auto count = std::size_t(data.size());
  out.states.resize(count), out.rows.resize(count);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    ContentHash hash;
    // A zero and a negative zero are the same number.
    const auto add = [&](float x) { hash.add(x == 0 ? 0.0f : x); };
    for (std::int64_t j = 0; j < data.observation_size; ++j) add(data.observation(i)[j]);
    out.states[std::size_t(i)] = hash.value();
    if (data.kind == action_kind::discrete) hash.add(data.action_indices[std::size_t(i)]);
    else
      for (std::int64_t j = 0; j < data.action_size; ++j) add(data.actions[std::size_t(i * data.action_size + j)]);
    add(data.rewards[std::size_t(i)]);
    out.rows[std::size_t(i)] = hash.value();
  }
  return out;
}
// For each number of a list the index of the first that equals it.
inline std::vector<std::int64_t> first_of_each(const std::vector<std::uint64_t>& x) {
  std::vector<std::int64_t> order(x.size()), out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) order[i] = std::int64_t(i);
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    const auto ha = x[std::size_t(a)], hb = x[std::size_t(b)];
    return ha != hb ? ha < hb : a < b;
  });
  for (std::size_t k = 0; k < order.size(); ++k) {
    const bool again = k > 0 && x[std::size_t(order[k])] == x[std::size_t(order[k - 1])];
    out[std::size_t(order[k])] = again ? out[std::size_t(order[k - 1])] : order[k];
  }
  return out;
}
inline std::uint64_t episode_hash(const Dataset& data, const RowHashes& hashes, const Episode& e) {
  ContentHash hash;
  for (auto i = e.first; i < e.first + e.transitions; ++i) hash.add(hashes.rows[std::size_t(i)]);
  hash.add(std::int64_t(data.terminals[std::size_t(e.first + e.transitions - 1)]));
  return hash.value();
}
}  // namespace detail

TESSERA_INLINE Duplicates duplicates(const Dataset& data) {
  Duplicates out;
  if (has_coded_states(data)) return out;
  const auto hashes = detail::row_hashes(data);
  const auto same_row = detail::first_of_each(hashes.rows), same_state = detail::first_of_each(hashes.states);
  const auto count = std::size_t(data.size());
  std::vector<std::int64_t> step(count);
  for (const auto& e : data.episodes)
    for (std::int64_t k = 0; k < e.transitions; ++k) step[std::size_t(e.first + k)] = k;
  std::vector<std::uint8_t> whole(count);
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    const auto& episode = data.episodes[e];
    if (episode.transitions < 2) continue;
    if (seen.insert(detail::episode_hash(data, hashes, episode)).second) continue;
    out.episodes.push_back(std::int64_t(e));
    std::fill_n(whole.begin() + episode.first, episode.transitions, std::uint8_t{1});
  }
  std::vector<std::uint8_t> shared(count);  // a beginning that an earlier episode has as well
  std::int64_t natural = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool begins = step[i] == 0 || shared[i - 1] != 0, again = same_row[i] != std::int64_t(i);
    shared[i] = begins && again && step[std::size_t(same_row[i])] == step[i];
    if (shared[i] != 0 || whole[i] != 0) continue;
    if (again) out.rows.push_back(std::int64_t(i));
    else natural += !begins && same_state[i] != std::int64_t(i);
  }
  const auto episodes = std::int64_t(out.episodes.size());
  if (2 * natural > std::int64_t(out.rows.size())) out.rows.clear();
  // Short episodes of states that repeat are equal by chance.
  if (natural > 0 && 100 * natural > data.size() && 10 * episodes < std::int64_t(data.episodes.size()))
    out.episodes.clear();
  return out;
}

TESSERA_INLINE void find_shared_episodes(const Dataset& data, const Dataset& other, DoctorReport& report) {
  if (data.observation_size != other.observation_size || data.kind != other.kind) return;
  const auto ours = detail::row_hashes(data), theirs = detail::row_hashes(other);
  std::unordered_map<std::uint64_t, std::int64_t> known;
  for (std::size_t e = 0; e < data.episodes.size(); ++e)
    if (data.episodes[e].transitions > 0)
      known.emplace(detail::episode_hash(data, ours, data.episodes[e]), std::int64_t(e));
  std::vector<std::int64_t> shared, of_other;
  std::vector<std::uint8_t> in_shared(std::size_t(other.size()));
  for (std::size_t e = 0; e < other.episodes.size(); ++e) {
    const auto& episode = other.episodes[e];
    if (episode.transitions == 0) continue;
    const auto at = known.find(detail::episode_hash(other, theirs, episode));
    if (at == known.end()) continue;
    shared.push_back(at->second), of_other.push_back(std::int64_t(e));
    std::fill_n(in_shared.begin() + episode.first, episode.transitions, std::uint8_t{1});
  }
  const bool coded = has_coded_states(data);
  const std::string why = "a validation on what was trained on measures memory: the error looks better than it is";
  if (!shared.empty()) {
    Finding f{.what = std::to_string(shared.size()) + " of " + std::to_string(other.episodes.size()) +
                      " episodes of the other data set are in this one as well; the first is its episode " +
                      std::to_string(of_other.front()),
              .key = "episodes",
              .count = std::int64_t(shared.size()),
              .episodes = shared,
              .why = why,
              .advice = "split by episodes, each on one side only"};
    f.episodes.resize(std::min<std::size_t>(f.episodes.size(), std::size_t(FoundRows::most)));
    if (coded)
      f.name = "shared-episodes", f.level = severity::note,
      f.why += "; of states that are codes some are equal by chance";
    report.add(std::move(f));
  }
  if (coded) return;
  std::unordered_set<std::uint64_t> rows(ours.rows.begin(), ours.rows.end()),
      states(ours.states.begin(), ours.states.end());
  std::int64_t alike = 0, natural = 0;
  FoundRows found;
  for (std::int64_t i = 0; i < other.size(); ++i) {
    if (in_shared[std::size_t(i)] != 0) continue;
    if (rows.contains(theirs.rows[std::size_t(i)])) ++alike, found.add(i);
    else natural += states.contains(theirs.states[std::size_t(i)]);
  }
  if (alike < 2 || 2 * natural > alike || 200 * alike < other.size()) return;
  report.add({.name = "shared-rows",
              .level = severity::error,
              .what = "of the other data set " + found.text(other) + ": in this one as well, in other episodes",
              .key = "rows",
              .count = alike,
              .rows = found.rows(other),
              .why = why,
              .advice = "split by episodes, not by rows"});
}

namespace symptoms {
TESSERA_INLINE void DuplicateRows::run(const Dataset& data, DoctorReport& report) {
  FoundRows rows;
  for (const auto i : duplicates(data).rows) rows.add(i);
  if (rows.count() == 0) return;
  report.add({.what = rows.text(data) + ": observation, action and reward of an earlier row",
              .key = "rows",
              .count = rows.count(),
              .rows = rows.rows(data),
              .why = "they weigh twice; and where a row follows itself, the step seems to lead nowhere",
              .advice = "find out what wrote them twice",
              .repair = "drop-duplicates"});
}

TESSERA_INLINE void DuplicateEpisodes::run(const Dataset& data, DoctorReport& report) {
  auto found = duplicates(data).episodes;
  if (found.empty()) return;
  const auto count = std::int64_t(found.size());
  const auto first = found.front();
  found.resize(std::min<std::size_t>(found.size(), std::size_t(FoundRows::most)));
  report.add({.what = std::to_string(count) + (count == 1 ? " episode equals" : " episodes equal") +
                      " an earlier one in every row; the first is episode " + std::to_string(first),
              .key = "episodes",
              .count = count,
              .rows = {row_of(data, data.episodes[std::size_t(first)].first)},
              .episodes = found,
              .why = "they weigh twice, and episodes that are held out are not new",
              .advice = "keep each once",
              .repair = "drop-duplicates"});
}
}  // namespace symptoms
}  // namespace tessera
