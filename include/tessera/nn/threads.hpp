#pragma once
#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

#include <tessera/nn/torch.hpp>

namespace tessera::nn {
namespace detail {
// The thread pool inside whichever BLAS is loaded, if it has one; found at run time, so that none is linked for it.
inline bool set_blas_threads(int count) {
  bool found = false;
  for (const char* name : {"openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"})
    if (void* symbol = dlsym(RTLD_DEFAULT, name)) {
      reinterpret_cast<void (*)(int)>(symbol)(count);
      found = true;
    }
  return found;
}
}  // namespace detail

/// Uses `count` cores, in one pool.  libtorch's OpenMP pool and the BLAS's own fight for the same cores when both
/// are at their defaults (a step is then several times slower), so one of them gets the cores, and the other one.
inline void set_threads(int count) {
  if (detail::set_blas_threads(count)) at::set_num_threads(1);
  else at::set_num_threads(count);
}

/// The setting of a user who set nothing: all cores, in one pool.  Whoever has set OMP_NUM_THREADS or a BLAS's own
/// variable, or has called set_threads, is left alone.  Done once.
inline void settle_threads(int wanted = 0) {
  static std::once_flag once;
  std::call_once(once, [&] {
    if (wanted > 0) return set_threads(wanted);
    for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"})
      if (std::getenv(name)) return;
    set_threads(at::get_num_threads());
  });
}
}  // namespace tessera::nn
