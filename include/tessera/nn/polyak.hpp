#pragma once
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// Moves a target towards its source:  target <- rate * source + (1 - rate) * target, in one pass.
inline void polyak(at::Tensor& target, const at::Tensor& source, double rate) {
  if (target.is_cpu() && target.scalar_type() == at::kFloat && rate < 1) {
    float* to = target.data_ptr<float>();
    const float* from = source.data_ptr<float>();
    in_chunks(target.numel(), [&](std::int64_t i, std::int64_t n) { kernels::follow(to + i, from + i, n, float(rate)); });
  } else {
    at::NoGradGuard guard;
    target.lerp_(source, rate);
  }
}
}  // namespace tessera::nn
