#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <thread>
#include <vector>

#include <tessera/nn/free_cores.hpp>

namespace tessera::nn {
/// The threads that the CPU kernels share.  Work is a number of independent tasks; the calling thread takes part, and
/// whoever is free takes the next task, so that a thread that has no core holds up nobody unless it is within a task.
/// Between tasks, workers spin for some microseconds before they sleep, because a training step hands out work dozens
/// of times.  Results depend on how many tasks there are, not on which thread runs which, nor on how many take part:
/// while other processes want the cores, some workers sleep (free_cores.hpp), and the others do their tasks.  The
/// workers have all signals blocked.
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
    const bool alone = workers_.empty() || tasks <= 1 || tasks > std::numeric_limits<std::uint32_t>::max();
    if (alone || taken_.exchange(true, std::memory_order_acquire)) {
      for (std::int64_t i = 0; i < tasks; ++i) f(i);
      return;
    }
    call_ = [](void* g, std::int64_t i) { (*static_cast<F*>(g))(i); };
    function_ = &f;
    share(tasks);
    taken_.store(false, std::memory_order_release);
  }

  /// How many threads take part from here on, the caller included; 0: as many as have a core.  The result is the same.
  /// To be called while nobody is in `run`.
  void use(int threads);
  /// How many take part at the moment.
  int used() const { return used_.load(std::memory_order_relaxed); }

  /// Keeps a matrix product inside a task on its thread: OpenMP's number of threads is a setting of each thread, and is
  /// one from here on.
  static void quiet_openmp();

 private:
  using nanoseconds = FreeCores::nanoseconds;
  // What a worker has lost so far: time in which it could have run, and had no core.
  struct alignas(64) Lost {
    std::atomic<nanoseconds> time = 0;
  };

  void share(std::int64_t tasks);
  void take();
  void wait_for_others();
  void work(int worker);
  void look_back(nanoseconds began);
  nanoseconds lost() const;
  void set_used(int threads);
  static void pause(int spins);

  std::vector<std::thread> workers_;
  std::deque<Lost> lost_;
  // The number of the round, and how many of its tasks nobody has taken: a worker that comes too late takes one of
  // another round, or none.
  std::atomic<std::uint64_t> left_ = 0;
  std::atomic<std::uint32_t> round_ = 0;
  std::atomic<int> sleeping_ = 0, used_;
  std::atomic<std::uint32_t> unfinished_ = 0;
  std::atomic<bool> stop_ = false, taken_ = false, caller_sleeps_ = false;
  std::atomic<nanoseconds> woken_ = 0;  // when sleeping workers were called last
  std::int64_t tasks_ = 0;
  void* function_ = nullptr;
  void (*call_)(void*, std::int64_t) = nullptr;
  // Of the thread that has taken the pool.
  FreeCores free_;
  int asked_ = 0;
  nanoseconds window_from_ = 0, window_lost_ = 0, last_end_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/pool.impl.hpp>
#endif
