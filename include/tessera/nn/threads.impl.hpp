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

TESSERA_INLINE void make_pool(int count) {
  set_blas_threads(1);
  at::set_num_threads(1);
  pool_in_use().store(nullptr, std::memory_order_release);
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
  detail::make_pool(count);
}

TESSERA_INLINE Pool& pool() {
  if (Pool* const ready = detail::pool_in_use().load(std::memory_order_acquire)) return *ready;
  const std::lock_guard guard(detail::pool_change());
  if (!detail::pool_slot()) detail::make_pool(detail::wanted_threads());
  return *detail::pool_slot();
}

TESSERA_INLINE void settle_threads() {
  pool();
  Pool::quiet_openmp();
}
}  // namespace tessera::nn
