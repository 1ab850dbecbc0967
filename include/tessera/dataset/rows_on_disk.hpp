#pragma once
#include <cstdint>
#include <span>

namespace tessera {
/// Where the transitions of a data set are that stay on the disk (`Dataset::on_disk`): its columns, read piece by
/// piece.  Several threads may read.
class RowsOnDisk {
 public:
  /// The columns of `Dataset`, by the type of an entry:
  ///   observations (observation_size) float, of a stored observation; observation_row, next_observation_row int64;
  ///   actions (action_size) float, or action_indices int64; rewards float;
  ///   ends uint8: 1 terminal + 2 timeout + 4 unknown next observation; propensities float, where it has them
  enum class column {
    observations,
    observation_row,
    next_observation_row,
    actions,
    action_indices,
    rewards,
    ends,
    propensities
  };
  /// Room for transitions: s, next (k, observation_size), a (k, action_size), or (k) indices, r, m (k).
  struct Gathered {
    float *s, *a, *r, *m, *next;
  };

  virtual ~RowsOnDisk() = default;
  virtual std::int64_t size() const = 0;    ///< transitions
  virtual std::int64_t stored() const = 0;  ///< stored observations
  virtual bool has_propensities() const { return false; }
  /// Writes `count` entries of a column from entry `first` on.  Throws an Error if there are none, or they cannot be
  /// read.
  virtual void read(column which, std::int64_t first, std::int64_t count, void* to) const = 0;
  /// Writes transitions, in any order, in the units of the log; m is 0 where the task ended, else 1.
  virtual void gather(std::span<const std::int64_t> transitions, const Gathered& to) const = 0;
  /// Whether it helps to say what will be read: the machine's own memory does not hold it all.
  virtual bool reads_ahead() const = 0;
  /// Says that these transitions will be gathered soon, so that the disk may begin to read them.
  virtual void expect(std::span<const std::int64_t> transitions) const = 0;
};
}  // namespace tessera
