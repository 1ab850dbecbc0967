#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/findings.hpp>
#include <tessera/doctor/continuity.hpp>
#include <tessera/doctor/duplicates.hpp>
#include <tessera/doctor/ends.hpp>
#include <tessera/doctor/repairs.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera {
namespace detail {
inline double reward_beyond(const Dataset& data, const Episode& e) {  // of rows that gave no transition
  double left = e.episode_return;
  for (auto i = e.first; i < e.first + e.transitions; ++i) left -= double(data.rewards[std::size_t(i)]);
  return e.rows > e.transitions ? left : 0;
}
// The returns from the rewards of the transitions and of `beyond`, one row after them.
inline void set_returns(const Dataset& data, Episode& e, double beyond) {
  double discount = 1;
  e.episode_return = 0, e.discounted_return = 0;
  for (auto i = e.first; i < e.first + e.transitions; ++i, discount *= 0.99) {
    const double r = double(data.rewards[std::size_t(i)]);
    e.episode_return += r, e.discounted_return += discount * r;
  }
  if (e.rows > e.transitions) e.episode_return += beyond, e.discounted_return += discount * beyond;
}
// Joins each of the episodes, in ascending order, to the one after it.
inline void join_to_next(Dataset& data, const std::vector<std::int64_t>& which) {
  std::vector<Episode> out;
  std::size_t at = 0;
  bool join = false;
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    const auto& b = data.episodes[e];
    if (join) {
      auto& a = out.back();
      const auto last = std::size_t(last_of(a));
      data.terminals[last] = 0, data.timeouts[last] = 0;
      if (!data.knows_next(std::int64_t(last))) {
        data.next_observation_row[last] = data.observation_row[std::size_t(b.first)];
        data.unknown_next[last] = 0;
      }
      const double beyond = reward_beyond(data, b);
      a.transitions += b.transitions, a.rows += b.rows, a.complete = b.complete;
      set_returns(data, a, beyond);
    } else {
      out.push_back(b);
    }
    join = at < which.size() && which[at] == std::int64_t(e);
    at += join;
  }
  data.episodes = std::move(out);
  if (std::none_of(data.unknown_next.begin(), data.unknown_next.end(), [](std::uint8_t u) { return u != 0; }))
    data.unknown_next.clear();
}
// Leaves out transitions, and the rows that they were; an episode that loses its last one is cut before it.  An episode
// without any is left out.
inline void leave_out(Dataset& data, const std::vector<std::uint8_t>& out) {
  const bool discrete = data.kind == action_kind::discrete;
  const auto d = discrete ? 0 : data.action_size;
  std::vector<Episode> episodes;
  std::size_t kept = 0;
  const bool marks = !data.unknown_next.empty();
  for (const auto& e : data.episodes) {
    const double beyond = reward_beyond(data, e);
    Episode piece = e;
    piece.first = std::int64_t(kept);
    bool last_out = false;
    for (auto i = e.first; i < e.first + e.transitions; ++i) {
      const auto from = std::size_t(i);
      last_out = out[from] != 0;
      if (last_out) {
        --piece.rows;
        continue;
      }
      data.observation_row[kept] = data.observation_row[from];
      data.next_observation_row[kept] = data.next_observation_row[from];
      data.rewards[kept] = data.rewards[from], data.terminals[kept] = data.terminals[from];
      data.timeouts[kept] = data.timeouts[from];
      if (marks) data.unknown_next[kept] = data.unknown_next[from];
      if (!data.propensities.empty()) data.propensities[kept] = data.propensities[from];
      if (discrete) data.action_indices[kept] = data.action_indices[from];
      else std::copy_n(data.actions.begin() + i * d, d, data.actions.begin() + std::int64_t(kept) * d);
      ++kept;
    }
    piece.transitions = std::int64_t(kept) - piece.first;
    if (piece.transitions == 0) continue;
    if (last_out) data.timeouts[kept - 1] = 1;
    if (piece.rows < piece.transitions) piece.rows = piece.transitions;
    set_returns(data, piece, beyond);
    episodes.push_back(piece);
  }
  if (kept == 0) throw Error(data.name + ": the repair would leave out every transition; the data are of no use");
  data.episodes = std::move(episodes);
  data.observation_row.resize(kept), data.next_observation_row.resize(kept), data.rewards.resize(kept);
  data.terminals.resize(kept), data.timeouts.resize(kept);
  if (marks) data.unknown_next.resize(kept);
  if (!data.propensities.empty()) data.propensities.resize(kept);
  if (discrete) data.action_indices.resize(kept);
  else data.actions.resize(kept * std::size_t(d));
}
inline void say_repaired(Dataset& data, const FoundRows& rows, const std::string& text, const std::string& what) {
  if (rows.count() > 0) data.warnings.push_back({"repaired", text + ": " + what});
}
// The data without the terminals that end some episodes, each of which goes on as the next one.
inline Dataset cleared(Dataset data, const std::vector<std::int64_t>& episodes, const std::string& what) {
  const auto rows = last_rows(data, episodes);
  const auto text = rows.text(data);
  join_to_next(data, episodes);
  say_repaired(data, rows, text, what);
  return data;
}
}  // namespace detail

TESSERA_INLINE Dataset repair_doubled_terminal(Dataset data) {
  const auto found = early_terminals(data).doubled;
  return detail::cleared(std::move(data), found, "the terminal one row before the end was cleared (doubled-terminal)");
}

TESSERA_INLINE Dataset repair_early_terminal(Dataset data) {
  const auto found = early_terminals(data).early;
  return detail::cleared(std::move(data), found, "the terminal inside an episode was cleared (early-terminal)");
}

TESSERA_INLINE Dataset repair_time_limit_terminals(Dataset data) {
  FoundRows rows;
  std::vector<std::uint8_t> out(std::size_t(data.size()));
  bool any_out = false;
  for (const auto e : limit_terminals(data).episodes) {
    const auto last = detail::last_of(data.episodes[std::size_t(e)]);
    rows.add(last);
    data.terminals[std::size_t(last)] = 0, data.timeouts[std::size_t(last)] = 1;
    if (data.knows_next(last)) continue;
    out[std::size_t(last)] = 1, any_out = true;
  }
  const auto text = rows.text(data);
  if (any_out) detail::leave_out(data, out);
  detail::say_repaired(data, rows, text, "the terminal at the time limit became a timeout (time-limit-terminals)");
  return data;
}

TESSERA_INLINE Dataset repair_next_of_next_episode(Dataset data) {
  FoundRows rows;
  std::vector<std::uint8_t> out(std::size_t(data.size()));
  bool any_out = false;
  for (const auto i : next_of_next_episode(data)) {
    rows.add(i);
    const auto at = std::size_t(i);
    if (data.terminals[at] == 0) {
      out[at] = 1, any_out = true;
    } else {
      data.unknown_next.resize(std::size_t(data.size()));
      data.unknown_next[at] = 1, data.next_observation_row[at] = data.observation_row[at];
    }
  }
  const auto text = rows.text(data);
  if (any_out) detail::leave_out(data, out);
  detail::say_repaired(data, rows, text, "the next observation was that of the next episode (next-of-next-episode)");
  return data;
}

TESSERA_INLINE Dataset repair_drop_duplicates(Dataset data) {
  const auto found = duplicates(data);
  FoundRows rows;
  std::vector<std::uint8_t> out(std::size_t(data.size()));
  for (const auto e : found.episodes) {
    const auto& episode = data.episodes[std::size_t(e)];
    for (auto i = episode.first; i < episode.first + episode.transitions; ++i) out[std::size_t(i)] = 1;
  }
  const auto same = [&](std::int64_t a, std::int64_t b) {
    if (data.rewards[std::size_t(a)] != data.rewards[std::size_t(b)]) return false;
    if (!std::equal(data.observation(a), data.observation(a) + data.observation_size, data.observation(b)))
      return false;
    if (data.kind == action_kind::discrete)
      return data.action_indices[std::size_t(a)] == data.action_indices[std::size_t(b)];
    const auto d = data.action_size;
    return std::equal(data.actions.begin() + a * d, data.actions.begin() + (a + 1) * d, data.actions.begin() + b * d);
  };
  for (const auto i : found.rows)
    if (i > 0 && data.terminals[std::size_t(i - 1)] == 0 && same(i - 1, i)) out[std::size_t(i - 1)] = 1;
  for (std::int64_t i = 0; i < data.size(); ++i)
    if (out[std::size_t(i)] != 0) rows.add(i);
  const auto text = rows.text(data);
  if (rows.count() > 0) detail::leave_out(data, out);
  detail::say_repaired(data, rows, text, "left out, because they occur twice (drop-duplicates)");
  return data;
}

TESSERA_INLINE Dataset repair_clip_actions(Dataset data) {
  if (data.kind == action_kind::discrete || data.limits_from == limits_origin::seen) return data;
  FoundRows rows;
  const auto d = data.action_size;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    bool moved = false;
    for (std::int64_t j = 0; j < d; ++j) {
      float& a = data.actions[std::size_t(i * d + j)];
      const float inside = std::clamp(a, data.action_low[std::size_t(j)], data.action_high[std::size_t(j)]);
      moved = moved || inside != a;
      a = inside;
    }
    if (moved) rows.add(i);
  }
  const auto text = rows.text(data);
  detail::say_repaired(data, rows, text, "an action beyond the limits was moved to them (clip-actions)");
  return data;
}

TESSERA_INLINE const std::vector<Repair>& repairs() {
  static const std::vector<Repair> all = {
      {"doubled-terminal", "clear terminals one row before the end of an episode", repair_doubled_terminal},
      {"early-terminal", "clear terminals from which the log goes on", repair_early_terminal},
      {"time-limit-terminals", "make terminals at the time limit timeouts", repair_time_limit_terminals},
      {"next-of-next-episode", "leave out next observations of the next episode", repair_next_of_next_episode},
      {"drop-duplicates", "leave out episodes and rows that occur twice", repair_drop_duplicates},
      {"clip-actions", "move actions to the declared limits", repair_clip_actions}};
  return all;
}

TESSERA_INLINE Dataset repaired(Dataset data, const std::string& name) {
  require_in_memory(data, "a repair");
  std::vector<std::string> names;
  std::string known;
  for (const auto& r : repairs()) {
    if (name == r.name) return r.apply(std::move(data));
    names.emplace_back(r.name), known += (known.empty() ? "" : ", ") + names.back();
  }
  const auto meant = nearest_name(name, names);
  throw Error("unknown repair '" + name + "'" + (meant.empty() ? "" : "; did you mean '" + meant + "'?") +
              " (there are " + known + ")");
}
}  // namespace tessera
