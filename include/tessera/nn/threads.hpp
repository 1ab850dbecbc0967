#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include <tessera/nn/pool.hpp>

namespace tessera::nn {
namespace detail {
// The thread pools inside whichever BLAS is loaded; found at run time, so that none is linked for it.
void set_blas_threads(int count);
std::unique_ptr<Pool>& pool_slot();
// What `pool_slot` holds, for who does not change it.
std::atomic<Pool*>& pool_in_use();
std::mutex& pool_change();
// With `pool_change` locked.
void make_pool(int count);
// What the user asked for with OMP_NUM_THREADS, else all cores.
int wanted_threads();
}  // namespace detail

/// Uses `count` cores, in one pool: ours, which splits a pass at its coarsest place.  libtorch's OpenMP threads and the
/// BLAS's own would fight it, and each other, for the same cores (a step is then several times slower): they get one.
///
/// These are effects on the whole process: libtorch (`at::get_num_threads()`), OpenMP in every thread that comes here,
/// and OpenBLAS, MKL or BLIS stay at one thread, also for what a program does with them besides.  They come with the
/// first learner that is made, at the latest; who wants other counts afterwards sets them, and has other roundings.
///
/// To be called before learners are made, or between updates: not while another thread is in a learner, whose pool this
/// would take away.  Everything else may be called from several threads at once, each with learners of its own: one
/// learner's calls are one thread's at a time.  While one thread's pass is in the pool, another's is made by that
/// thread alone, with the same result: results depend on the count, to rounding, and not on which thread does what.
void set_threads(int count);

/// The pool.  Who never called set_threads gets all cores, or OMP_NUM_THREADS.
Pool& pool();

/// Brings about the effects above for the calling thread.  Whatever makes a learner asks first, so that equal seeds
/// give equal learners whether they are the program's first or not.
void settle_threads();

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

#ifndef TESSERA_COMPILED
#include <tessera/nn/threads.impl.hpp>
#endif
