#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Dataset cut_episodes(Dataset data, std::int64_t length) {
  require_in_memory(data, "the cutting of its episodes");
  if (length < 1) throw Error(data.name + ": an episode's length must be at least 1, not " + std::to_string(length));
  const bool discrete = data.kind == action_kind::discrete;
  const auto d = discrete ? 0 : data.action_size;
  std::vector<Episode> pieces;
  std::int64_t kept = 0, dropped = 0, long_ones = 0;
  const auto keep = [&](std::int64_t i) {  // moved to its new index, which is never larger
    const auto from = std::size_t(i), to = std::size_t(kept++);
    data.observation_row[to] = data.observation_row[from],
    data.next_observation_row[to] = data.next_observation_row[from];
    data.rewards[to] = data.rewards[from], data.terminals[to] = data.terminals[from],
    data.timeouts[to] = data.timeouts[from];
    if (!data.unknown_next.empty()) data.unknown_next[to] = data.unknown_next[from];
    if (!data.propensities.empty()) data.propensities[to] = data.propensities[from];
    if (discrete) data.action_indices[to] = data.action_indices[from];
    else std::copy_n(data.actions.begin() + i * d, d, data.actions.begin() + std::int64_t(to) * d);
  };
  for (const auto& e : data.episodes) {
    double left_out = e.episode_return;  // the reward of a last row that gave no transition
    for (std::int64_t k = 0; k < e.transitions; ++k) left_out -= data.rewards[std::size_t(e.first + k)];
    long_ones += e.rows > length;
    for (std::int64_t from = 0; from < e.rows; from += length) {
      const auto to = std::min(from + length, e.rows);
      Episode piece{kept, 0, to - from, 0, 0, to < e.rows || e.complete};
      double discount = 1;
      for (auto k = from; k < to; ++k, discount *= 0.99) {
        const auto i = e.first + k;
        const double r = k < e.transitions ? double(data.rewards[std::size_t(i)]) : left_out;
        piece.episode_return += r, piece.discounted_return += discount * r;
        if (k >= e.transitions) continue;
        const bool cut = k + 1 == to && to < e.rows;
        const bool own = data.next_observation_row[std::size_t(i)] != data.observation_row[std::size_t(i)] + 1;
        if (cut && !own) ++dropped;
        else keep(i);
      }
      piece.transitions = kept - piece.first;
      if (to < e.rows && piece.transitions > 0 && data.terminals[std::size_t(kept - 1)] == 0)
        data.timeouts[std::size_t(kept - 1)] = 1;
      pieces.push_back(piece);
    }
  }
  if (kept == 0)
    throw Error(data.name + ": episodes of " + std::to_string(length) +
                " rows leave no transition; give a larger length");
  const auto n = std::size_t(kept);
  data.observation_row.resize(n), data.next_observation_row.resize(n), data.rewards.resize(n), data.terminals.resize(n),
      data.timeouts.resize(n);
  if (!data.unknown_next.empty()) data.unknown_next.resize(n);
  if (!data.propensities.empty()) data.propensities.resize(n);
  if (discrete) data.action_indices.resize(n);
  else data.actions.resize(n * std::size_t(d));
  if (long_ones > 0)
    data.warnings.push_back({"cut-episodes", std::to_string(data.episodes.size()) +
                                                 (data.episodes.size() == 1 ? " episode was" : " episodes were") +
                                                 " cut into " + std::to_string(pieces.size()) + " of at most " +
                                                 std::to_string(length) + " rows; " + std::to_string(dropped) +
                                                 (dropped == 1 ? " step" : " steps") +
                                                 " before a cut, whose next state is not in the file, are not used"});
  data.episodes = std::move(pieces);
  return data;
}
}  // namespace tessera
