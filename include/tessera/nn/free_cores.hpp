#pragma once
#include <cstdint>

namespace tessera::nn {
/// How many of a pool's threads should take part while other processes want the cores as well.
///
/// Threads that share out a pass wait for the last of them.  One that holds a task while another process has its core
/// holds up all: two threads, of which one has half a core, are slower than one thread alone.  So a pool looks back at
/// what its workers lost,
///   lost = sum over the workers of (time in which one could have run - time for which it ran),
/// and where that is a third of a core or more, as many workers as cores are lost are left out for a while.  Then all
/// are tried again: at first soon, and less often as long as it is in vain.
///
/// It knows no clock, so that it can be tested with any times; all are in nanoseconds.
class FreeCores {
 public:
  using nanoseconds = std::int64_t;
  static constexpr nanoseconds millisecond = 1'000'000;
  /// What is judged at a time: longer than the turn that a scheduler gives to a process, about 3 ms.
  static constexpr nanoseconds window = 8 * millisecond;
  /// The shortest and the longest time for which workers are left out before all are tried again.
  static constexpr nanoseconds shortest = 20 * millisecond, longest = 1280 * millisecond;
  /// Less is no other process's turn: waking up takes as long.
  static constexpr nanoseconds least_loss = millisecond / 4;

  explicit FreeCores(int threads) : all_(threads), use_(threads) {}
  /// Threads that should take part, the caller included.
  int threads() const { return use_; }
  /// A window that ended at `time` was `wall` long, and in it the workers that took part lost `lost` in sum.
  void judge(nanoseconds time, nanoseconds wall, nanoseconds lost);

 private:
  int all_, use_;
  nanoseconds hold_ = shortest, until_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/free_cores.impl.hpp>
#endif
