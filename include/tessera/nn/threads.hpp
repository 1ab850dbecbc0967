#pragma once
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <tessera/nn/pool.hpp>
#include <tessera/nn/torch.hpp>

namespace tessera::nn {
namespace detail {
// The thread pools inside whichever BLAS is loaded; found at run time, so that none is linked for it.
inline void set_blas_threads(int count) {
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"})
    if (void* symbol = dlsym(RTLD_DEFAULT, name)) reinterpret_cast<void (*)(int)>(symbol)(count);
}
inline std::unique_ptr<Pool>& pool_slot() {
  static std::unique_ptr<Pool> pool;
  return pool;
}
// What `pool_slot` holds, for who does not change it.
inline std::atomic<Pool*>& pool_in_use() {
  static std::atomic<Pool*> pool = nullptr;
  return pool;
}
inline std::mutex& pool_change() {
  static std::mutex one_at_a_time;
  return one_at_a_time;
}
// With `pool_change` locked.
inline void make_pool(int count) {
  set_blas_threads(1);
  at::set_num_threads(1);
  pool_in_use().store(nullptr, std::memory_order_release);
  pool_slot() = std::make_unique<Pool>(std::max(1, count));
  pool_in_use().store(pool_slot().get(), std::memory_order_release);
}
// What the user asked for with OMP_NUM_THREADS, else all cores.
inline int wanted_threads() {
  if (const char* text = std::getenv("OMP_NUM_THREADS"))
    if (const int count = std::atoi(text); count > 0) return std::min(count, 1024);
  return int(std::max(1u, std::thread::hardware_concurrency()));
}
}  // namespace detail

/// Uses `count` cores, in one pool: ours, which splits a pass at its coarsest place.  libtorch's OpenMP threads and the
/// BLAS's own would fight it, and each other, for the same cores (a step is then several times slower): they get one.
///
/// These are effects on the whole process: libtorch (`at::get_num_threads()`), OpenMP in every thread that comes here, and OpenBLAS, MKL
/// or BLIS stay at one thread, also for what a program does with them besides.  They come with the first learner that is made, at the
/// latest; who wants other counts afterwards sets them, and has other roundings.
///
/// To be called before learners are made, or between updates: not while another thread is in a learner, whose pool this would take away.
/// Everything else may be called from several threads at once, each with learners of its own: one learner's calls are one thread's at a
/// time.  While one thread's pass is in the pool, another's is made by that thread alone, with the same result: results depend on the
/// count, to rounding, and not on which thread does what.
inline void set_threads(int count) {
  const std::lock_guard guard(detail::pool_change());
  detail::make_pool(count);
}

/// The pool.  Who never called set_threads gets all cores, or OMP_NUM_THREADS.
inline Pool& pool() {
  if (Pool* const ready = detail::pool_in_use().load(std::memory_order_acquire)) return *ready;
  const std::lock_guard guard(detail::pool_change());
  if (!detail::pool_slot()) detail::make_pool(detail::wanted_threads());
  return *detail::pool_slot();
}

/// Brings about the effects above for the calling thread.  Whatever makes a learner asks first, so that equal seeds give equal learners
/// whether they are the program's first or not.
inline void settle_threads() {
  pool();
  Pool::quiet_openmp();
}

/// Calls f(from, count) over pieces of 0 .. n-1 in the pool, each of `chunk` numbers but the last.
inline constexpr std::int64_t chunk = 16384;
inline std::int64_t chunks(std::int64_t n) { return (n + chunk - 1) / chunk; }
template <class F>
void in_chunks(std::int64_t n, F f) {
  const std::int64_t tasks = chunks(n);
  auto task = [&](std::int64_t i) { f(i * chunk, std::min(chunk, n - i * chunk)); };
  pool().run(tasks, task);
}
}  // namespace tessera::nn
