#pragma once
#include <cstdint>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::uint64_t content_hash(const Dataset& data) {
  const bool discrete = data.kind == action_kind::discrete;
  const auto n = data.observation_size, d = discrete ? 0 : data.action_size;
  ContentHash h;
  for (std::int64_t x : {std::int64_t(discrete), n, d, data.size(), std::int64_t(data.episodes.size())}) h.add(x);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const auto at = std::size_t(i);
    for (const float* row : {data.observation(i), data.next_observation(i)})
      for (std::int64_t j = 0; j < n; ++j) h.add(row[j]);
    for (std::int64_t j = 0; j < d; ++j) h.add(data.actions[std::size_t(i * d + j)]);
    if (discrete) h.add(data.action_indices[at]);
    h.add(data.rewards[at]);
    h.add(std::uint64_t(!data.knows_next(i)) << 16 | std::uint64_t(data.terminals[at]) << 8 | data.timeouts[at]);
  }
  for (const auto& e : data.episodes) h.add(e.first), h.add(e.transitions);
  return h.value();
}
}  // namespace tessera
