#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>

namespace tessera {
namespace detail {
/// The rows of a file, prepared for finding out what stands in for unknown next observations.
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

  /// The number of rows inside episodes for which `have` holds.
  template <class F>
  std::size_t inside(F&& have) const {
    return std::size_t(std::count_if(inside_.begin(), inside_.end(), std::forward<F>(have)));
  }
  std::size_t inside() const { return inside_.size(); }

  /// Whether the steps of the given rows are unusually long: there are at least two, and half of them are longer than
  /// 99 % of those inside episodes.  Lengths are measured over standardized columns.
  bool jump(const std::vector<std::size_t>& ends) const;

  /// Whether some column is never 0 in an observation or inside an episode, and is not integer-valued: then a 0 in it
  /// is no coincidence.
  bool shuns_zero() const;

 private:
  bool equal(const float* a, const float* b) const { return std::memcmp(a, b, width_ * sizeof(float)) == 0; }
  static double square(double a, double b) { return (a - b) * (a - b); }

  const FlatRows& rows_;
  std::size_t count_, width_;
  std::vector<std::size_t> inside_;
};
}  // namespace detail

/// Marks the rows for which a file holds a placeholder in place of the next observation, and warns.
///
/// The state after an end is often not recorded, because nothing is computed from it.  In its place files hold, bit for
/// bit,
///   NaN                              some or all numbers of the row
///   the row's own observation        a copy, or a padded shift
///   zeros                            a fill value
///   the observation of the row below the first of the next episode: environments that reset themselves,
///                                    `next = obs[1:]`
/// The first is unambiguous.  Each of the others may also be the truth, and counts as a placeholder only if nearly all
/// terminals (19 of 20) have it, and if it is not what steps are like:
///   own     that many ends would not repeat their observation by chance (one in a thousand), at the rate of steps
///           inside episodes
///   zeros   no step inside an episode leads to zeros, and the step is a jump, or some column is otherwise never 0
///   below   the step is a jump: longer than steps inside episodes are
/// At a timeout, an observation of the row below that is a jump was read across the cut; if episodes continue from
/// where the last one was cut, it is not a jump, and is used.  If all steps have one length, as among one-hot states,
/// nothing is a jump.  A last row has no row below: if that is the placeholder, its next observation is unknown too.
void mark_unknown_next(FlatRows& rows);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/unknown_next.impl.hpp>
#endif
