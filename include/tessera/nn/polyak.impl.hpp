#pragma once
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/polyak.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE void polyak(at::Tensor& target, const at::Tensor& source, double rate) {
  if (target.is_cpu() && target.scalar_type() == at::kFloat && rate < 1) {
    float* to = target.data_ptr<float>();
    const float* from = source.data_ptr<float>();
    in_chunks(target.numel(),
              [&](std::int64_t i, std::int64_t n) { kernels::follow(to + i, from + i, n, float(rate)); });
  } else {
    at::NoGradGuard guard;
    target.lerp_(source, rate);
  }
}
}  // namespace tessera::nn
