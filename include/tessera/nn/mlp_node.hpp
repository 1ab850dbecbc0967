#pragma once
#include <tessera/nn/mlp_kernel_node.hpp>

namespace tessera::nn {
/// An ensemble's forward and backward pass as one autograd node.  The backward pass adds the parameters' gradient
/// to `gradient` (views of a flat buffer) and returns the input's.  If the input's gradient is to be differentiated
/// again, it is computed by Mlp::forward, the same function in plain operations, on `leaf`, the parameters as a leaf of
/// autograd.
class MlpNode : public torch::autograd::Function<MlpNode> {
 public:
  /// x (B, in) -> (N, B, outputs).  `anchor` is any leaf that requires gradient: it makes autograd call the
  /// backward pass even if x requires none.  `gradient` null: parameters are constants, and x is its own anchor.
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x, const at::Tensor& /*anchor*/,
                            const Mlp* mlp, const Mlp::views* v, Mlp::views* gradient, const at::Tensor* leaf);

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads);
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/mlp_node.impl.hpp>
#endif
