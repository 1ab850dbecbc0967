#pragma once
#include <cstdint>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/row_reader.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE std::uint64_t content_hash(const Dataset& data) {
  const bool discrete = data.kind == action_kind::discrete;
  const auto n = data.observation_size, d = discrete ? 0 : data.action_size;
  ContentHash h;
  RowReader rows(data);
  for (std::int64_t x : {std::int64_t(discrete), n, d, data.size(), std::int64_t(data.episodes.size())}) h.add(x);
  for (std::int64_t i = 0; i < data.size(); ++i) {
    for (const float* row : {rows.observation(i), rows.next_observation(i)})
      for (std::int64_t j = 0; j < n; ++j) h.add(row[j]);
    if (discrete) h.add(rows.action_index(i));
    else
      for (const float *a = rows.action(i), *end = a + d; a != end; ++a) h.add(*a);
    h.add(*rows.reward(i));
    h.add(std::uint64_t(!rows.knows_next(i)) << 16 | std::uint64_t(rows.terminal(i)) << 8 | rows.timeout(i));
  }
  for (std::int64_t i = 0; data.has_propensities() && i < data.size(); ++i) h.add(*rows.propensity(i));
  for (const auto& e : data.episodes) h.add(e.first), h.add(e.transitions);
  return h.value();
}
}  // namespace tessera
