#pragma once
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// Whether all observations consist of whole numbers: codes, one-hot states, cells of a grid.  Of such states a step of
/// any length is as ordinary as another, and the same state comes again by nature.
bool has_coded_states(const Dataset& data);

/// How far steps go: the squared distance of two observations over standardized columns, as `mark_unknown_next`
/// measures it.
class StepLengths {
 public:
  explicit StepLengths(const Dataset& data);
  double length(const float* from, const float* to) const;
  /// 99 % and 90 % of the steps inside episodes are at most so long.
  double usual() const { return usual_; }
  double common() const { return common_; }
  /// Whether it is longer than steps inside episodes are.
  bool jump(const float* from, const float* to) const { return length(from, to) > usual_ * (1 + 1e-6); }
  /// Whether anything can be told from a length: there are steps inside episodes, and states are no codes.
  bool tells() const { return tells_; }

 private:
  std::vector<double> unit_;  // 1 / variance of a column, 0 if it is constant
  double usual_ = 0, common_ = 0;
  bool tells_ = false;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/steps.impl.hpp>
#endif
