#pragma once
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace tessera::nn {
/// The threads that the CPU kernels share.  Work is a number of independent tasks; the calling thread takes part.
/// Between tasks, workers spin for some microseconds before they sleep, because a training step hands out work dozens
/// of times.  Results depend on how many tasks there are, not on which thread runs which.  The workers have all signals
/// blocked.
class Pool {
 public:
  explicit Pool(int threads);
  Pool(const Pool&) = delete;
  ~Pool();
  int threads() const { return int(workers_.size()) + 1; }

  /// Calls f(0) ... f(tasks - 1), each once, and returns when all are done.  While one thread is in here, another
  /// thread, or a task, runs its tasks by itself.
  template <class F>
  void run(std::int64_t tasks, F& f) {
    quiet_openmp();
    const bool alone = workers_.empty() || tasks == 1;
    if (alone || taken_.exchange(true, std::memory_order_acquire)) {
      for (std::int64_t i = 0; i < tasks; ++i) f(i);
      return;
    }
    call_ = [](void* g, std::int64_t i) { (*static_cast<F*>(g))(i); };
    function_ = &f;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    busy_.store(int(workers_.size()), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    if (sleeping_.load() > 0) round_.notify_all();
    take();
    for (int spins = 0; busy_.load(std::memory_order_acquire) != 0; ++spins) pause(spins);
    taken_.store(false, std::memory_order_release);
  }

  /// Keeps a matrix product inside a task on its thread: OpenMP's number of threads is a setting of each thread, and is
  /// one from here on.
  static void quiet_openmp();

 private:
  void take();
  void work();
  static void pause(int spins);

  std::vector<std::thread> workers_;
  std::atomic<std::uint32_t> round_ = 0;
  std::atomic<int> busy_ = 0, sleeping_ = 0;
  std::atomic<std::int64_t> next_ = 0;
  std::atomic<bool> stop_ = false, taken_ = false;
  std::int64_t tasks_ = 0;
  void* function_ = nullptr;
  void (*call_)(void*, std::int64_t) = nullptr;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/pool.impl.hpp>
#endif
