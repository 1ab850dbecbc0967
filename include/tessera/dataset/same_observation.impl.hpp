#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/same_observation.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE SameObservation::SameObservation(const std::vector<float>& observations, std::int64_t size)
    : tolerance_(std::size_t(size), 0.0f) {
  for (std::size_t i = 0; i < observations.size(); i += tolerance_.size())
    for (std::size_t j = 0; j < tolerance_.size(); ++j)
      tolerance_[j] = std::max(tolerance_[j], std::abs(observations[i + j]));
  for (float& x : tolerance_) x *= 1e-6f;
}

TESSERA_INLINE bool SameObservation::operator()(const float* a, const float* b) const {
  for (std::size_t j = 0; j < tolerance_.size(); ++j)
    if (!(std::abs(a[j] - b[j]) <= tolerance_[j])) return false;
  return true;
}
}  // namespace tessera
