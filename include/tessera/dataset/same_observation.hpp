#pragma once
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// Whether two observations are the same up to the rounding of copies: the rule that decides whether a row continues
/// from where the last one led.
///   |a_j - b_j| <= 1e-6 max |x_j|   in every column j, over all observations x of the data
/// Copies between float formats, or through other units and back, change the last bits of a column's numbers, whatever
/// its unit.
class SameObservation {
 public:
  /// Over those that it is shown.
  explicit SameObservation(std::int64_t size) : largest_(std::size_t(size), 0.0f) {}
  void show(const float* x);
  SameObservation(const std::vector<float>& observations, std::int64_t size);
  /// Over all that a data set stores.
  explicit SameObservation(const Dataset& data);
  bool operator()(const float* a, const float* b) const;

 private:
  std::vector<float> largest_;  // of each column
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/same_observation.impl.hpp>
#endif
