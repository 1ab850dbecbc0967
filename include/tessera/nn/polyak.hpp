#pragma once
#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// Moves a target toward its source:  target <- rate * source + (1 - rate) * target, in one pass.
void polyak(at::Tensor& target, const at::Tensor& source, double rate);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/polyak.impl.hpp>
#endif
