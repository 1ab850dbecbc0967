#pragma once
#include <cstdint>

#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// The number of the update at hand, on a device: what is recorded there once and repeated sees the number of each
/// repetition, where a number of the host would stay that of the recording.
class Clock {
 public:
  /// Before the first update.
  explicit Clock(const at::Device& device);

  /// Goes on to the next update.  Recorded, each repetition does so on the device, and says so by `repeated`, with the
  /// number of ticks that it has.
  void tick();
  void repeated(std::int64_t ticks = 1) { host_ += ticks; }
  /// The next update will be `update`.  Does nothing where it is so already.
  void before(std::int64_t update);
  std::int64_t update() const { return host_; }
  /// `index` as a scalar on the device that moves along with the clock.
  at::Tensor along(std::int64_t index) const;
  /// The number of the update at hand, on the device: an integer ().
  const at::Tensor& now() const { return now_; }

  /// While it lives, the random numbers of this thread's updates are those of the clock's.
  class Running {
   public:
    explicit Running(const Clock& clock);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();

   private:
    const Clock* before_;
  };
  /// The clock that runs in this thread; null, where there is none.
  static const Clock* running();

 private:
  at::Tensor now_;
  std::int64_t host_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/clock.impl.hpp>
#endif
