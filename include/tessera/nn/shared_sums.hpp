#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/descriptor.hpp>

namespace tessera::nn {
namespace detail {
inline void add_rows_of(float* out, const float* rows, std::int64_t count, std::int64_t stride, std::int64_t n) {
  kernels::add_members(out, rows, count, stride, n);
}
template <class T>
void add_rows_of(T* out, const T* rows, std::int64_t count, std::int64_t stride, std::int64_t n) {
  kernels::add_each_member(out, rows, count, stride, n);
}
}  // namespace detail

/// Sums over processes of one host, through memory that all of them see: one POSIX segment, which has a row of numbers
/// for each rank.  A rank fills its row, waits until all have theirs, and adds the rows up in the order of the ranks:
/// the same bits on all of them.  Where they are many, each adds up its own part, and takes the others' (a
/// reduce-scatter and an all-gather).  What is longer than a row goes in pieces.  There are two rows for each rank, in
/// turns: who fills the one need not wait until all have read the other.
///
/// A rank that waits spins for 0.1 ms, and then sleeps.  Each holds a lock on its byte of the segment, which
/// the system drops when the process ends, whatever ends it: so the others learn that at once.
class SharedSums {
 public:
  /// Called about every 20 ms while a rank waits for others, with one that has ended, or -1; where it throws, the wait
  /// ends.
  using Waiting = std::function<void(int gone)>;

  /// Of rank 0: a new segment, whose name nobody can guess, and which this user alone may open.  Throws an Error that
  /// says why where there is none to be had.
  explicit SharedSums(int size);
  /// Of another rank: that which rank 0 has made.
  SharedSums(std::string name, int rank, int size);
  SharedSums(const SharedSums&) = delete;
  ~SharedSums();

  /// What the others open it by.
  const std::string& name() const { return name_; }
  /// A number that rank 0 has drawn, as it stands in the memory: those who read the same one see the same memory.
  std::uint64_t token() const;
  /// Takes the name away: nobody else can open it, and nothing is left of it when the ranks have ended.
  void hide();
  /// Bytes of the segment.
  std::size_t bytes() const { return bytes_; }
  void on_wait(Waiting waiting) { waiting_ = std::move(waiting); }

  /// Sums of n numbers of each rank: fill(from, count, T* row) writes those from `from` on, take(from, count, const T*)
  /// gets their sums.  Both are called for parts of them, in a pool's threads.
  template <class T, class Fill, class Take>
  void sum(std::int64_t n, Fill fill, Take take) {
    for (std::int64_t from = 0; from < n; from += row_size<T>()) {
      const auto count = std::min(row_size<T>(), n - from);
      T* const rows = begin<T>(n);
      T* const own = rows + rank_ * row_size<T>();
      in_chunks(count, [&](std::int64_t i, std::int64_t some) { fill(from + i, some, own + i); });
      meet();
      const auto add = [&](T* out, std::int64_t i, std::int64_t some) {
        detail::add_rows_of(out, rows + i, size_, row_size<T>(), some);
      };
      if (size_ <= most_direct) {
        in_chunks(count, [&](std::int64_t i, std::int64_t some) {
          std::array<T, 4096> sums;  // stays in the first cache
          for (const auto end = i + some; i < end; i += std::int64_t(sums.size())) {
            const auto part = std::min(std::int64_t(sums.size()), end - i);
            add(sums.data(), i, part);
            take(from + i, part, static_cast<const T*>(sums.data()));
          }
        });
      } else {
        T* const sums = rows + size_ * row_size<T>();
        const auto begin = count * rank_ / size_, end = count * (rank_ + 1) / size_;
        in_chunks(end - begin, [&](std::int64_t i, std::int64_t some) { add(sums + begin + i, begin + i, some); });
        meet();
        in_chunks(count,
                  [&](std::int64_t i, std::int64_t some) { take(from + i, some, static_cast<const T*>(sums + i)); });
      }
    }
  }
  /// Replaces so many bytes by those of rank 0.
  void broadcast(void* to, std::size_t bytes);

  /// With so many ranks each adds up all by itself: one wait instead of two, and more to read.
  static constexpr int most_direct = 2;

 private:
  struct Turn;  // what the others see of a rank
  template <class T>
  std::int64_t row_size() const {
    return std::int64_t(row_ / sizeof(T));
  }
  // The rows of this turn: the other ones than before.
  template <class T>
  T* begin(std::int64_t n) {
    return static_cast<T*>(begin(std::uint64_t(n), sizeof(T)));
  }
  void* begin(std::uint64_t n, std::size_t each);
  void map();
  void meet();
  void wait_for(int rank);
  int gone() const;
  Turn& turn_of(int rank) const;

  std::string name_;
  bool named_ = false;
  const int rank_, size_;
  const std::size_t row_;    // bytes
  const std::size_t bytes_;  // of all
  Descriptor file_;
  std::byte* memory_ = nullptr;
  std::uint32_t turn_ = 0;
  unsigned half_ = 0;
  Waiting waiting_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/shared_sums.impl.hpp>
#endif
