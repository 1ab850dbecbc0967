#pragma once
#include <dlfcn.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include <tessera/nn/pool.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Pool::Pool(int threads) {
  // Signals are for the program's own threads: their handlers may have a stack of their own, which these threads lack,
  // and oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer where a handler's frame would overwrite the
  // heap.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TESSERA_INLINE Pool::~Pool() {
  stop_ = true;
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

TESSERA_INLINE void Pool::take() {
  for (std::int64_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < tasks_;) call_(function_, i);
}
TESSERA_INLINE void Pool::work() {
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

TESSERA_INLINE void Pool::pause(int spins) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
  if (spins % 512 == 511) std::this_thread::yield();  // in case threads outnumber cores
}
}  // namespace tessera::nn
