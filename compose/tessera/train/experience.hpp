#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// Transitions that were made online, in the task's own units, in the order in which they were made.  They are all that
/// the online phase of a run depends on beside its agent: given the same, it goes on as if it had not ended.
class Experience {
 public:
  /// How a transition ends.
  enum class end : std::uint8_t { none, terminated, truncated };
  struct Transition {
    std::span<const float> observation;  ///< (n)
    std::span<const float> action;       ///< (d), or (1): an index
    float reward;
    end ends;
    std::span<const float> next_observation;  ///< (n)
  };

  Experience(std::int64_t observation_size, std::int64_t action_size, bool discrete);

  std::int64_t observation_size() const { return n_; }
  std::int64_t action_size() const { return action_size_; }
  bool discrete() const { return discrete_; }
  std::int64_t size() const { return std::int64_t(rows_.size()) / width(); }
  /// Transition i; `copy(i)` is the copy of the task that made it.
  Transition operator[](std::int64_t i) const;
  std::int64_t copy(std::int64_t i) const { return std::int64_t(rows_[std::size_t(i * width() + width() - 1)]); }
  void add(std::int64_t copy, const Transition& t);
  /// The first `count` transitions alone.
  void keep(std::int64_t count);

  /// As a data set: whole episodes one after the other, and, of those that are not over, what there is, cut off.
  Dataset dataset(const std::string& name) const;

  /// A file to which transitions are only ever added.  `save` adds those that are not in it yet, and `read` gives back
  /// the first `count`; what was added after that is as if it were not there.  Errors name the file and what to do.
  void save(const std::string& path) const;
  static Experience read(const std::string& path, std::int64_t count);

 private:
  std::int64_t width() const { return 2 * n_ + d_ + 3; }
  std::string header() const;

  std::int64_t n_, action_size_, d_;
  bool discrete_;
  std::vector<float> rows_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/train/experience.impl.hpp>
#endif
