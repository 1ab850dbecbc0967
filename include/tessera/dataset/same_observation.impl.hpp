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
    : tolerance_(std::size_t(size), 0.0f) {
  for (std::size_t i = 0; i < observations.size(); i += tolerance_.size()) widen(observations.data() + i);
  for (float& x : tolerance_) x *= 1e-6f;
}
TESSERA_INLINE SameObservation::SameObservation(const Dataset& data)
    : tolerance_(std::size_t(data.observation_size), 0.0f) {
  RowReader rows(data);
  for (std::int64_t i = 0; i < rows.stored(); ++i) widen(rows.stored(i));
  for (float& x : tolerance_) x *= 1e-6f;
}
TESSERA_INLINE void SameObservation::widen(const float* x) {
  for (std::size_t j = 0; j < tolerance_.size(); ++j) tolerance_[j] = std::max(tolerance_[j], std::abs(x[j]));
}

TESSERA_INLINE bool SameObservation::operator()(const float* a, const float* b) const {
  for (std::size_t j = 0; j < tolerance_.size(); ++j)
    if (!(std::abs(a[j] - b[j]) <= tolerance_[j])) return false;
  return true;
}
}  // namespace tessera
