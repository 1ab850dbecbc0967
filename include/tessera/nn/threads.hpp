#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include <tessera/nn/pool.hpp>

namespace tessera::nn {
namespace detail {
// Sets the thread count of whichever BLAS is loaded; found at run time, so that none is linked for it.
void set_blas_threads(int count);
std::unique_ptr<Pool>& pool_slot();
// The value of `pool_slot`, for code that does not change it.
std::atomic<Pool*>& pool_in_use();
std::mutex& pool_change();
// Call it with `pool_change` locked.
void make_pool(int count);
// The number of threads that the user asked for with OMP_NUM_THREADS, else all cores.
int wanted_threads();
}  // namespace detail

/// Uses `count` cores, in one pool: ours, which splits a pass at its coarsest level.  libtorch's OpenMP threads and the
/// BLAS's own would compete with it, and with each other, for the same cores (a step is then several times slower), so
/// they are set to one thread.
///
/// This affects the whole process: libtorch (`at::get_num_threads()`), OpenMP in every thread that calls the library,
/// and OpenBLAS, MKL or BLIS stay at one thread, also for the program's other work.  It happens at the latest when the
/// first learner is made; a program that wants other counts sets them afterwards, and gets other rounding.
///
/// Call it before learners are made, or between updates, but not while another thread is inside a learner, whose pool
/// it would take away.  Everything else may be called from several threads at once, each with learners of its own; a
/// single learner may be used by one thread at a time.  While one thread's pass is in the pool, another thread computes
/// its pass alone, with the same result: results depend on the count, through rounding, and not on which thread does
/// what.  While other processes want the cores, fewer threads take part, with the same result (free_cores.hpp).
void set_threads(int count);

/// The pool.  Without a call of set_threads it has all cores, or OMP_NUM_THREADS.
Pool& pool();

/// Applies the settings above to the calling thread.  Everything that makes a learner calls this first, so that equal
/// seeds give equal learners whether they are the program's first or not.
void settle_threads();

/// Calls f(from, count) over pieces of 0 .. n-1 in the pool, each of `chunk` numbers except the last.
inline constexpr std::int64_t chunk = 16384;
inline std::int64_t chunks(std::int64_t n) { return (n + chunk - 1) / chunk; }
template <class F>
void in_chunks(std::int64_t n, F f) {
  const std::int64_t tasks = chunks(n);
  auto task = [&](std::int64_t i) { f(i * chunk, std::min(chunk, n - i * chunk)); };
  pool().run(tasks, task);
}
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/threads.impl.hpp>
#endif
