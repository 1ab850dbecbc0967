#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/support/random.hpp>

/// Logs made by hand, a thousand rows each: observations of two standard normal numbers, actions in [-1, 1],
/// rewards in [-1, 1].
namespace support {
struct Log {
  std::int64_t length = 100;  ///< rows of an episode
  std::int64_t actions = 0;   ///< discrete ones; 0: continuous
  std::int64_t width = 1;     ///< of a continuous action
  bool terminal = false;  ///< whether episodes end with the task; else they are cut, and the file has next observations
};

inline double normal(std::size_t i) { return tessera::Random(17, i).normal(); }

inline tessera::Dataset log_of(const Log& log) {
  constexpr std::int64_t count = 1000;
  tessera::FlatRows rows;
  rows.name = "log", rows.format = "hand";
  rows.observation_size = 2, rows.action_size = log.actions > 0 ? log.actions : log.width;
  if (log.actions > 0) rows.kind = tessera::action_kind::discrete;
  tessera::Random random(3);
  for (std::int64_t i = 0; i <= count; ++i)
    for (int j = 0; j < 2; ++j) {
      const auto x = float(random.normal());
      if (i < count) rows.observations.push_back(x);
      if (i > 0) rows.next_observations.push_back(x);
    }
  for (std::int64_t i = 0; i < count; ++i) {
    if (log.actions > 0) rows.action_indices.push_back(std::int64_t(random.below(std::uint64_t(log.actions))));
    for (std::int64_t j = 0; log.actions == 0 && j < log.width; ++j)
      rows.actions.push_back(float(random.uniform(-1, 1)));
    rows.rewards.push_back(float(random.uniform(-1, 1)));
    const bool end = i % log.length == log.length - 1;
    rows.terminals.push_back(end && log.terminal);
    rows.timeouts.push_back(end && !log.terminal);
  }
  return tessera::assemble(std::move(rows));
}
}  // namespace support
