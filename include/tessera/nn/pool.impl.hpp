#pragma once
#include <dlfcn.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include <tessera/nn/pool.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
inline std::int64_t clock_nanoseconds(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}
inline std::int64_t wall_nanoseconds() { return clock_nanoseconds(CLOCK_MONOTONIC); }

// The time that the calling thread loses to others: it could run, and has no core.
class LossMeter {
 public:
  // The loss since the last call, and before it since `start`.
  std::int64_t read(std::int64_t wall) {
    const auto cpu = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID), loss = (wall - wall_) - (cpu - cpu_);
    wall_ = wall, cpu_ = cpu;
    return loss >= FreeCores::least_loss ? loss : 0;
  }
  // The thread has slept of its own accord, until now or until it was called at `wall`.
  void start(std::int64_t wall) { wall_ = std::max(wall_, wall); }
  std::int64_t last() const { return wall_; }

 private:
  std::int64_t wall_ = wall_nanoseconds(), cpu_ = clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID);
};
// About 0.1 ms.
inline constexpr int most_spins = 4000;
}  // namespace detail

TESSERA_INLINE Pool::Pool(int threads)
    : lost_(std::size_t(std::max(0, threads - 1))), used_(std::max(1, threads)), free_(std::max(1, threads)) {
  // Signals are for the program's own threads: their handlers may have a stack of their own, which these threads lack,
  // and oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer where a handler's frame would overwrite the
  // heap.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TESSERA_INLINE Pool::~Pool() {
  stop_ = true;
  set_used(threads() + 1);  // another number than before: it wakes those that are left out
  round_.fetch_add(1);
  round_.notify_all();
  for (auto& w : workers_) w.join();
}

TESSERA_INLINE void Pool::quiet_openmp() {
  thread_local const bool once = [] {
    if (void* symbol = dlsym(RTLD_DEFAULT, "omp_set_num_threads")) reinterpret_cast<void (*)(int)>(symbol)(1);
    return true;
  }();
  (void)once;
}

TESSERA_INLINE void Pool::use(int threads) {
  asked_ = std::clamp(threads, 0, this->threads());
  set_used(asked_ > 0 ? asked_ : free_.threads());
}

TESSERA_INLINE void Pool::set_used(int threads) {
  if (used_.exchange(threads) != threads) used_.notify_all();
}

TESSERA_INLINE void Pool::share(std::int64_t tasks) {
  const auto began = detail::wall_nanoseconds();
  if (used() == 1) {
    for (std::int64_t i = 0; i < tasks; ++i) call_(function_, i);
  } else {
    tasks_ = tasks;
    unfinished_.store(std::uint32_t(tasks), std::memory_order_relaxed);
    const auto round = round_.load(std::memory_order_relaxed) + 1;  // this thread alone counts rounds
    left_.store(std::uint64_t(round) << 32 | std::uint64_t(tasks), std::memory_order_release);
    round_.store(round);
    if (sleeping_.load() > 0) {
      woken_.store(began, std::memory_order_relaxed);
      round_.notify_all();
    }
    take();
    wait_for_others();
  }
  if (asked_ == 0) look_back(began);
}

TESSERA_INLINE void Pool::take() {
  constexpr std::uint64_t tasks = 0xffffffff;
  auto left = left_.load(std::memory_order_acquire);
  while ((left & tasks) != 0) {
    // Whoever takes a task sees what it is of: the round does not end before the task does.
    if (!left_.compare_exchange_weak(left, left - 1, std::memory_order_acquire)) continue;
    call_(function_, tasks_ - std::int64_t(left & tasks));
    if (unfinished_.fetch_sub(1) == 1 && caller_sleeps_.load()) unfinished_.notify_one();
    left = left_.load(std::memory_order_acquire);
  }
}

// Sleeps where that takes long: the core is then there for a worker that has none.
TESSERA_INLINE void Pool::wait_for_others() {
  for (int spins = 0; unfinished_.load(std::memory_order_acquire) != 0; ++spins) {
    if (spins < detail::most_spins) {
      pause(spins);
      continue;
    }
    caller_sleeps_.store(true);
    if (const auto seen = unfinished_.load(); seen != 0) unfinished_.wait(seen);
    caller_sleeps_.store(false, std::memory_order_relaxed);
  }
}

TESSERA_INLINE void Pool::work(int worker) {
  quiet_openmp();
  detail::LossMeter meter;
  const auto publish = [&](nanoseconds wall) {
    lost_[std::size_t(worker - 1)].time.fetch_add(meter.read(wall), std::memory_order_relaxed);
  };
  const auto left_out = [&] { return used_.load(std::memory_order_relaxed) <= worker; };
  for (std::uint32_t seen = 0;;) {
    auto round = round_.load(std::memory_order_acquire);
    for (int spins = 0; round == seen && spins < detail::most_spins && !left_out() && !stop_; ++spins) {
      pause(spins);
      round = round_.load(std::memory_order_acquire);
    }
    if (stop_) return;
    if (const int used = used_.load(); used <= worker) {
      publish(detail::wall_nanoseconds());
      used_.wait(used);
      meter.start(detail::wall_nanoseconds());
      continue;
    }
    if (round == seen) {
      const auto slept = detail::wall_nanoseconds();
      publish(slept);
      sleeping_.fetch_add(1);
      round_.wait(seen);
      sleeping_.fetch_sub(1);
      meter.start(std::max(slept, woken_.load(std::memory_order_relaxed)));
      continue;
    }
    seen = round;
    take();
    if (const auto wall = detail::wall_nanoseconds(); wall - meter.last() > FreeCores::window / 4) publish(wall);
  }
}

TESSERA_INLINE FreeCores::nanoseconds Pool::lost() const {
  nanoseconds sum = 0;
  for (const auto& l : lost_) sum += l.time.load(std::memory_order_relaxed);
  return sum;
}

TESSERA_INLINE void Pool::look_back(nanoseconds began) {
  const auto time = detail::wall_nanoseconds();
  // Nothing is known of the time in which there was nothing to do.
  const bool idle = began - last_end_ > FreeCores::window;
  last_end_ = time;
  const auto wall = time - window_from_;
  if (!idle && wall < FreeCores::window) return;
  const auto sum = lost();
  if (!idle) {
    free_.judge(time, wall, sum - window_lost_);
    set_used(free_.threads());
  }
  window_from_ = idle ? began : time, window_lost_ = sum;
}

TESSERA_INLINE void Pool::pause(int spins) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
  if (spins % 512 == 511) std::this_thread::yield();  // in case threads outnumber cores
}
}  // namespace tessera::nn
