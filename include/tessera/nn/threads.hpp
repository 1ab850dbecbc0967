#pragma once
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
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
// What the user asked for with OMP_NUM_THREADS, else all cores.
inline int wanted_threads() {
  if (const char* text = std::getenv("OMP_NUM_THREADS"))
    if (const int count = std::atoi(text); count > 0) return count;
  return int(std::max(1u, std::thread::hardware_concurrency()));
}
}  // namespace detail

/// Uses `count` cores, in one pool: ours, which splits a pass at its coarsest place.  libtorch's OpenMP threads and the
/// BLAS's own would fight it, and each other, for the same cores (a step is then several times slower): they get one.
/// To be called between updates, not during one.  Results depend on the count, to rounding.
inline void set_threads(int count) {
  detail::set_blas_threads(1);
  at::set_num_threads(1);
  detail::pool_slot() = std::make_unique<Pool>(std::max(1, count));
}

/// The pool.  Who never called set_threads gets all cores, or OMP_NUM_THREADS.
inline Pool& pool() {
  auto& slot = detail::pool_slot();
  if (!slot) set_threads(detail::wanted_threads());
  return *slot;
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
