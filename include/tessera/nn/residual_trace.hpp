#pragma once
#include <cstdint>
#include <vector>

#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// The times among the rows of an input, each once, and what one member's layers make of them.  Sampling has one time
/// for all rows, and a diffusion's training as many as it has steps, so that the layers of the time cost next to
/// nothing.
struct TimeCode {
  std::vector<float> times;          // (D)
  std::vector<std::int32_t> of_row;  // (rows), which of the times
  std::vector<float> numbers;
};

/// What a pass of a residual network keeps for its backward pass, and the memory of the latter.
struct ResidualTrace {
  std::vector<TimeCode> codes;  // one a member
  at::Tensor forward, backward;
};
}  // namespace tessera::nn
