#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>

namespace tessera {
/// Rows that may be too many for memory: their end marks, and a way through their observations.
struct VisitedRows {
  /// Row i: its own observation, its next one, and the observation of the row below it, null at the last.
  using Visitor = std::function<void(std::size_t i, const float* own, const float* next, const float* below)>;

  std::size_t width = 0;  ///< numbers in an observation
  const std::vector<std::uint8_t>&terminals, &timeouts;
  std::function<void(const Visitor&)> visit;  ///< calls it for each row, in order
};
/// The rows in memory, which has to outlive them.
VisitedRows visited(const FlatRows& rows);

/// Rows whose next observation is a placeholder, and the warning about them.
struct UnknownNext {
  std::vector<std::size_t> rows;
  std::string name, what;
};

namespace detail {
/// The rows of a file, prepared for finding out what stands in for unknown next observations.
class StandIns {
 public:
  /// What the next observation of a row might stand for.
  struct Looks {
    bool nan = false, own = false, zero = false, below = false;
  };

  explicit StandIns(const VisitedRows& rows);
  std::size_t count() const { return rows_.terminals.size(); }
  /// Of a row with an end mark, or the last one.
  const Looks& at(std::size_t end) const;
  /// How many rows inside episodes there are, and how many of them lead to where they began.
  std::size_t inside() const { return inside_; }
  std::size_t staying() const { return staying_; }

  /// Whether a row inside an episode leads to zeros.
  bool reaches_zero() const;

  /// Whether the steps of the given rows are unusually long: there are at least two, and half of them are longer than
  /// 99 % of those inside episodes.  Lengths are measured over standardized columns.
  bool jump(const std::vector<std::size_t>& ends) const;

  /// Whether some column is never 0 in an observation or inside an episode, and is not integer-valued: then a 0 in it
  /// is no coincidence.
  bool shuns_zero() const;

 private:
  bool is_inside(std::size_t i) const { return i + 1 < count() && rows_.terminals[i] == 0 && rows_.timeouts[i] == 0; }
  bool equal(const float* a, const float* b) const { return std::memcmp(a, b, rows_.width * sizeof(float)) == 0; }
  bool is_zero(const float* x) const {
    return std::all_of(x, x + rows_.width, [](float v) { return v == 0; });
  }

  const VisitedRows& rows_;
  std::size_t inside_ = 0, staying_ = 0;
  std::vector<std::pair<std::size_t, Looks>> ends_;
};
}  // namespace detail

/// Finds the rows for which a file holds a placeholder in place of the next observation.
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
std::vector<UnknownNext> find_unknown_next(const VisitedRows& rows);

/// Marks them, and warns.
void mark_unknown_next(FlatRows& rows);
/// The same of rows that are a part of those in which they were found, from row `first` on.
void mark_unknown_next(FlatRows& rows, const std::vector<UnknownNext>& found, std::int64_t first);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/unknown_next.impl.hpp>
#endif
