#pragma once
#include <cstddef>
#include <string>
#include <utility>

#include <tessera/io/write_d4rl.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Losses write_d4rl(const std::string& path, const Dataset& data) {
  const EpisodeParts all(data);
  const auto n = std::size_t(data.observation_size), count = std::size_t(data.size());
  // Then the layout says of every terminal that it is unknown where it led, and has no other ends.
  const bool without_next = all.breaks() == 0 && all.count([](const auto& part) { return part.knows_last; }) == 0;
  FlatRows rows;
  rows.kind = data.kind, rows.observation_size = data.observation_size, rows.action_size = data.action_size;
  rows.actions = data.actions, rows.action_indices = data.action_indices, rows.rewards = data.rewards;
  rows.terminals = data.terminals, rows.timeouts.assign(count, 0);
  rows.observations.reserve(count * n), rows.next_observations.reserve(without_next ? 0 : count * n);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    rows.observations.insert(rows.observations.end(), data.observation(i), data.observation(i) + n);
    if (!without_next)
      rows.next_observations.insert(rows.next_observations.end(), data.next_observation(i),
                                    data.next_observation(i) + n);
  }
  std::int64_t open = 0;
  for (const auto& part : all.parts()) {
    const auto last = part.first + part.steps - 1;
    const bool breaks_off = !part.terminated && !part.truncated;
    // The end of the file needs no mark.
    if (part.truncated || (breaks_off && last + 1 < data.size())) rows.timeouts[std::size_t(last)] = 1;
    open += breaks_off && last + 1 < data.size();
  }
  write_d4rl(path, rows);

  Losses lost;
  all.lose_propensities(lost), all.lose_rows(lost), all.lose_names(lost), all.lose_bounds(lost),
      all.lose_action_count(lost);
  all.lose_action_texts(lost), all.lose_task(lost);
  if (!without_next) all.lose_unknown_next(lost, "their own observation is written in its place");
  all.lose_inner_terminals(lost, "read again, it ends there");
  all.lose_own_next(lost, "read again, an episode ends there");
  if (open > 0)
    lost.push_back({"open-end", detail::counted(open, "episode") + " where the log breaks off: marked as a timeout"});
  return lost;
}
}  // namespace tessera
