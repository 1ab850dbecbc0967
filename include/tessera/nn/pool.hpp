#pragma once
#include <dlfcn.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace tessera::nn {
/// The threads that the CPU kernels share.  Work is a number of independent tasks; the caller takes part.  Workers spin
/// for some microseconds between tasks, because a training step hands out work dozens of times, then sleep.
/// Which thread runs a task does not matter to its result, only how many tasks there are.  Its workers have all signals blocked.
class Pool {
 public:
  explicit Pool(int threads) {
    // Signals are for the program's own threads: a handler there may have a stack of its own, which these have not, and
    // oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer where a handler's frame would overwrite the heap.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  Pool(const Pool&) = delete;
  ~Pool() {
    stop_ = true;
    round_.fetch_add(1);
    round_.notify_all();
    for (auto& w : workers_) w.join();
  }
  int threads() const { return int(workers_.size()) + 1; }

  /// Calls f(0) ... f(tasks - 1), each once, and returns when all are done.  While one thread is in here, another one,
  /// or a task, does its own work alone.
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

  /// A matrix product inside a task stays on its thread: an OpenMP library in this process asks each thread's own setting, which is one
  /// from here on.
  static void quiet_openmp() {
    thread_local const bool once = [] {
      if (void* symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads")) reinterpret_cast<void (*)(int)>(symbol)(1);
      return true;
    }();
    (void)once;
  }

 private:
  void take() {
    for (std::int64_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < tasks_;) call_(function_, i);
  }
  void work() {
    quiet_openmp();
    for (std::uint32_t seen = 0;;) {
      std::uint32_t now = round_.load(std::memory_order_acquire);
      for (int spins = 0; now == seen && spins < 4000; now = round_.load(std::memory_order_acquire)) pause(spins++);
      if (now == seen) {
        sleeping_.fetch_add(1);
        round_.wait(seen);
        sleeping_.fetch_sub(1);
        continue;
      }
      seen = now;
      if (stop_) return;
      take();
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }
  static void pause(int spins) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
    if (spins % 512 == 511) std::this_thread::yield();  // where threads outnumber cores
  }

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
