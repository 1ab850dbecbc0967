#pragma once
#include <tessera/nn/torch.hpp>

namespace tessera::nn {
/// Moves a target towards its source:  target <- rate * source + (1 - rate) * target, in one pass.
inline void polyak(at::Tensor& target, const at::Tensor& source, double rate) {
  at::NoGradGuard guard;
  target.lerp_(source, rate);
}
}  // namespace tessera::nn
