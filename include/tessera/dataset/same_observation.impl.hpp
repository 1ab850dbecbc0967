#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/row_reader.hpp>
#include <tessera/dataset/same_observation.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE SameObservation::SameObservation(const std::vector<float>& observations, std::int64_t size)
    : SameObservation(size) {
  for (std::size_t i = 0; i < observations.size(); i += largest_.size()) show(observations.data() + i);
}
TESSERA_INLINE SameObservation::SameObservation(const Dataset& data) : SameObservation(data.observation_size) {
  RowReader rows(data);
  for (std::int64_t i = 0; i < rows.stored(); ++i) show(rows.stored(i));
}
TESSERA_INLINE void SameObservation::show(const float* x) {
  for (std::size_t j = 0; j < largest_.size(); ++j) largest_[j] = std::max(largest_[j], std::abs(x[j]));
}

TESSERA_INLINE bool SameObservation::operator()(const float* a, const float* b) const {
  for (std::size_t j = 0; j < largest_.size(); ++j)
    if (!(std::abs(a[j] - b[j]) <= 1e-6f * largest_[j])) return false;
  return true;
}
}  // namespace tessera
