#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// The transitions of a data set one by one, wherever they are: those in memory are read there, those on the disk in
/// pieces of at most a megabyte while they are read in order, and alone else.  What a function returns a pointer to is
/// there until the same function is called again; the data set outlives the reader.
class RowReader {
 public:
  explicit RowReader(const Dataset& data);

  std::int64_t size() const { return data_.size(); }
  std::int64_t stored() const { return stored_; }  ///< stored observations
  /// Stored observation `row`, (observation_size).
  const float* stored(std::int64_t row) {
    if (!disk_) return data_.observations.data() + row * data_.observation_size;
    return stored_numbers_.at(*disk_, row);
  }
  const float* observation(std::int64_t i) {
    if (!disk_) return data_.observation(i);
    return now_.at(*disk_, *now_row_.at(*disk_, i));
  }
  const float* next_observation(std::int64_t i) {
    if (!disk_) return data_.next_observation(i);
    return next_.at(*disk_, *next_row_.at(*disk_, i));
  }
  /// (action_size), of continuous actions.
  const float* action(std::int64_t i) {
    if (!disk_) return data_.actions.data() + i * data_.action_size;
    return actions_.at(*disk_, i);
  }
  std::int64_t action_index(std::int64_t i) {
    return disk_ ? *indices_.at(*disk_, i) : data_.action_indices[std::size_t(i)];
  }
  const float* reward(std::int64_t i) { return disk_ ? rewards_.at(*disk_, i) : data_.rewards.data() + i; }
  /// Of a data set that has them.
  const float* propensity(std::int64_t i) {
    return disk_ ? propensities_.at(*disk_, i) : data_.propensities.data() + i;
  }
  bool terminal(std::int64_t i) { return ((disk_ ? *ends_.at(*disk_, i) : data_.terminals[std::size_t(i)]) & 1) != 0; }
  bool timeout(std::int64_t i) { return disk_ ? (*ends_.at(*disk_, i) & 2) != 0 : data_.timeouts[std::size_t(i)] != 0; }
  bool knows_next(std::int64_t i) { return disk_ ? (*ends_.at(*disk_, i) & 4) == 0 : data_.knows_next(i); }

 private:
  // What was read of a column last.
  template <class T>
  class Piece {
   public:
    Piece(RowsOnDisk::column which, std::int64_t width, std::int64_t all) : which_(which), width_(width), all_(all) {}
    const T* at(const RowsOnDisk& from, std::int64_t i) {
      if (i < first_ || i >= last_) read(from, i);
      return numbers_.data() + (i - first_) * width_;
    }

   private:
    void read(const RowsOnDisk& from, std::int64_t i) {
      constexpr std::int64_t bytes = 1 << 20, leap = 64;
      const auto most = std::max<std::int64_t>(1, bytes / (width_ * std::int64_t(sizeof(T))));
      const bool in_order = i >= last_ && i < last_ + leap;
      length_ = in_order ? std::min(4 * length_, most) : 1;
      const auto count = std::max<std::int64_t>(1, std::min(length_, all_ - i));
      first_ = last_ = 0;
      numbers_.resize(std::size_t(count * width_));
      from.read(which_, i, count, numbers_.data());
      first_ = i, last_ = i + count;
    }

    RowsOnDisk::column which_;
    std::int64_t width_, all_, first_ = 0, last_ = 0, length_ = 1;
    std::vector<T> numbers_;
  };

  const Dataset& data_;
  const RowsOnDisk* disk_;
  std::int64_t stored_;
  Piece<float> stored_numbers_, now_, next_;
  Piece<std::int64_t> now_row_, next_row_;
  Piece<float> actions_;
  Piece<std::int64_t> indices_;
  Piece<float> rewards_;
  Piece<std::uint8_t> ends_;
  Piece<float> propensities_;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/row_reader.impl.hpp>
#endif
