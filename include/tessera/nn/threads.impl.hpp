#pragma once
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

#include <tessera/nn/pool.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn::detail {
TESSERA_INLINE void set_blas_threads(int count) {
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"})
    if (void* symbol = dlsym(RTLD_DEFAULT, name)) reinterpret_cast<void (*)(int)>(symbol)(count);
}

TESSERA_INLINE std::unique_ptr<Pool>& pool_slot() {
  static std::unique_ptr<Pool> pool;
  return pool;
}

TESSERA_INLINE std::atomic<Pool*>& pool_in_use() {
  static std::atomic<Pool*> pool = nullptr;
  return pool;
}

TESSERA_INLINE std::mutex& pool_change() {
  static std::mutex one_at_a_time;
  return one_at_a_time;
}

// What set_threads has asked for; 0: nothing.  Guarded by `pool_change`.
inline int& asked_threads() {
  static int count = 0;
  return count;
}

inline void one_thread_each() {
  set_blas_threads(1);
  at::set_num_threads(1);
}
TESSERA_INLINE void make_pool(int count) {
  // What set_threads has set already, the program may have changed since.
  if (asked_threads() == 0) one_thread_each();
  pool_slot() = std::make_unique<Pool>(std::max(1, count));
  pool_in_use().store(pool_slot().get(), std::memory_order_release);
}

TESSERA_INLINE int wanted_threads() {
  if (const char* text = std::getenv("OMP_NUM_THREADS"))
    if (const int count = std::atoi(text); count > 0) return std::min(count, 1024);
  return int(std::max(1u, std::thread::hardware_concurrency()));
}
}  // namespace tessera::nn::detail

namespace tessera::nn {
TESSERA_INLINE void set_threads(int count) {
  const std::lock_guard guard(detail::pool_change());
  // The threads themselves are made when something is computed: a process that has none can still be forked.
  detail::one_thread_each();
  detail::pool_in_use().store(nullptr, std::memory_order_release);
  detail::pool_slot().reset();
  detail::asked_threads() = std::max(1, count);
}

TESSERA_INLINE Pool& pool() {
  if (Pool* const ready = detail::pool_in_use().load(std::memory_order_acquire)) return *ready;
  const std::lock_guard guard(detail::pool_change());
  if (!detail::pool_slot())
    detail::make_pool(detail::asked_threads() > 0 ? detail::asked_threads() : detail::wanted_threads());
  return *detail::pool_slot();
}

TESSERA_INLINE void settle_threads() {
  pool();
  Pool::quiet_openmp();
}
}  // namespace tessera::nn
