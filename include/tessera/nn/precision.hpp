#pragma once
#include <cstdint>

#include <tessera/nn/threads.hpp>
#include <tessera/options/precision.hpp>

namespace tessera::nn {
/// The precision of the products of passes that the calling thread begins: float32, except within an `in_precision`.
precision precision_here();

/// While it lives, passes that its thread begins, and the backward passes of these, have their products in `p`.  Other
/// threads are not affected, apart from the pool's while they work on such a pass.
class in_precision {
 public:
  explicit in_precision(precision p);
  in_precision(const in_precision&) = delete;
  ~in_precision();

 private:
  precision before_;
};

/// Calls f(0) ... f(tasks - 1) in the pool, as the tasks of a pass: in the precision of the calling thread.
template <class F>
void run_pass(std::int64_t tasks, F& f) {
  auto task = [&f, p = precision_here()](std::int64_t i) {
    const in_precision guard(p);
    f(i);
  };
  pool().run(tasks, task);
}
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/precision.impl.hpp>
#endif
