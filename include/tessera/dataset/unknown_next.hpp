#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>

namespace tessera {
namespace detail {
/// Rows as what stands in for a next observation is looked for in them.
class StandIns {
 public:
  explicit StandIns(const FlatRows& rows);
  std::size_t count() const { return count_; }
  const float* own(std::size_t i) const { return rows_.observations.data() + i * width_; }
  const float* next(std::size_t i) const { return rows_.next_observations.data() + i * width_; }
  bool stays(std::size_t i) const { return equal(next(i), own(i)); }
  bool is_below(std::size_t i) const { return i + 1 < count_ && equal(next(i), own(i + 1)); }
  bool is_zero(std::size_t i) const;
  bool has_nan(std::size_t i) const;

  /// Of rows inside episodes, how many `have` something.
  template <class F>
  std::size_t inside(F&& have) const {
    return std::size_t(std::count_if(inside_.begin(), inside_.end(), std::forward<F>(have)));
  }
  std::size_t inside() const { return inside_.size(); }

  /// Whether the steps of the given rows are longer than steps are: at least two, and half of them longer than all but
  /// a hundredth of those inside episodes.  Lengths are over standardized columns.
  bool jump(const std::vector<std::size_t>& ends) const;

  /// Whether some column is never 0 in an observation or inside an episode, and is not of whole numbers: then it is not
  /// 0 by chance.
  bool shuns_zero() const;

 private:
  bool equal(const float* a, const float* b) const { return std::memcmp(a, b, width_ * sizeof(float)) == 0; }
  static double square(double a, double b) { return (a - b) * (a - b); }

  const FlatRows& rows_;
  std::size_t count_, width_;
  std::vector<std::size_t> inside_;
};
}  // namespace detail

/// Marks the rows of a file with next observations for which it holds none, but something that stands in, and warns.
///
/// The state after an end is often not recorded, since nothing is computed from it.  In its place files hold, bit for
/// bit,
///   NaN                              some or all numbers of the row
///   the row's own observation        a copy, or a padded shift
///   zeros                            a fill value
///   the observation of the row below the first of the next episode: environments that reset themselves, `next =
///       obs[1:]`
/// The first is plain.  Each of the others may also be the truth, and is believed to stand in only where nearly all
/// terminals (19 of 20) have it, and where it is not what steps are like:
///   own     so many ends would not stay by chance (one in a thousand), as often as steps inside episodes stay
///   zeros   no step inside an episode leads to zeros, and the step is a jump, or some column is otherwise never 0
///   below   the step is a jump: longer than steps inside episodes are
/// At a timeout an observation of the row below that is a jump was read across the cut; where episodes go on from where
/// the last was cut, it is no jump, and is used.  Where all steps are of one length, as among one-hot states, nothing
/// is a jump.  A last row has no row below: where that is what stands in, its next observation is unknown too.
void mark_unknown_next(FlatRows& rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/unknown_next.impl.hpp>
#endif
