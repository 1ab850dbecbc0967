#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera {
/// Whether two observations are one and the same, but for the rounding of copies: the rule by which a row goes on where the last one led.
///   |a_j - b_j| <= 1e-6 max |x_j|   in every column j, over all observations x of the data
/// Copies between float formats, or through other units and back, move last bits of the column's numbers, whatever its unit.
class SameObservation {
 public:
  SameObservation(const std::vector<float>& observations, std::int64_t size) : tolerance_(std::size_t(size), 0.0f) {
    for (std::size_t i = 0; i < observations.size(); i += tolerance_.size())
      for (std::size_t j = 0; j < tolerance_.size(); ++j) tolerance_[j] = std::max(tolerance_[j], std::abs(observations[i + j]));
    for (float& x : tolerance_) x *= 1e-6f;
  }
  bool operator()(const float* a, const float* b) const {
    for (std::size_t j = 0; j < tolerance_.size(); ++j)
      if (!(std::abs(a[j] - b[j]) <= tolerance_[j])) return false;
    return true;
  }

 private:
  std::vector<float> tolerance_;
};
}  // namespace tessera
