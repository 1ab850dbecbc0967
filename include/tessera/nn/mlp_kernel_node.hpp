#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/node.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/residual_kernels.hpp>

namespace tessera::nn {
/// The rows of a pass's input: states (B, n) alone, or (N, B, n) if each member has its own; with actions (B, d), (B, n
/// + d); with several actions per state, (B, K, d), (B K, n + d).
at::Tensor joined(const at::Tensor& state, const at::Tensor& action);

/// The gradients of a pass if they are to be differentiated again: plain operations on parameters that are a leaf.  `x`
/// are the parts of the input; gradients that are not wanted come back undefined.
template <std::size_t I>
std::array<at::Tensor, I> differentiable_gradient(const Mlp& mlp, const at::Tensor& leaf, std::int64_t members,
                                                  const std::array<at::Tensor, I>& x, const std::array<bool, I>& wanted,
                                                  const at::Tensor& upstream) {
  torch::autograd::variable_list inputs;
  for (std::size_t i = 0; i < I; ++i)
    if (wanted[i]) inputs.push_back(x[i]);
  const auto rows = joined(x[0], I > 1 ? x[I - 1] : at::Tensor());
  const auto parameters = mlp.look(leaf);
  const auto out = rows.dim() == 3 ? mlp.forward_apart(parameters.first(members), rows)
                                   : mlp.forward(parameters, rows).narrow(0, 0, members);
  const auto found = torch::autograd::grad({out}, inputs, {upstream.reshape(out.sizes())}, true, true);
  std::array<at::Tensor, I> all;
  for (std::size_t i = 0, k = 0; i < I; ++i)
    if (wanted[i]) all[i] = found[k++];
  return all;
}

/// The backward pass of MlpKernels, or of ResidualKernels, as one autograd node: adds the parameters' gradient to a
/// flat buffer, and returns the input's.  If the input's gradient is to be differentiated again, it is computed in
/// plain operations.
class MlpKernelNode : public torch::autograd::Node, public made_of_recycled<MlpKernelNode> {
 public:
  /// The operands of a pass.  `gradient` is undefined if the parameters are constants, `action` if the input is in one
  /// piece; `leaf` is the parameters as a leaf of autograd.
  struct Pass {
    const Mlp* mlp;
    std::int64_t members;
    at::Tensor parameters, gradient, leaf, state, action;
    std::shared_ptr<MlpTrace> trace;
  };
  explicit MlpKernelNode(Pass pass);

  /// [state, action] (B, in) -> `out` (members, B, outputs); or states and actions (B, n) and (B, K, d) -> (members, B,
  /// K, outputs); or each member's own states, (members, B, in) -> (members, B, outputs).  Axes of size one may be
  /// absent from `out`.  With `second`, in one piece, a pass of states alone also computes `second_out`, without
  /// gradient.  `anchor` is a leaf that requires gradient: it makes autograd call the backward pass even if the input
  /// needs none.  Without a trace, or if nothing requires gradient, there is no node.
  static void forward(Pass pass, const at::Tensor& anchor, const at::Tensor& out, const at::Tensor& second = {},
                      const at::Tensor& second_out = {});

  /// What noise (B, d), or (B, K, d), becomes at states (B, n) by the flow of a single network on [s, x, t]; see
  /// MlpKernels::flow.  No gradient.
  static at::Tensor flow(const Mlp& mlp, const at::Tensor& parameters, at::Tensor state, at::Tensor noise,
                         std::int64_t steps, bool midpoint);

  torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override;
  void release_variables() override;

 private:
  static bool requires_gradient(const at::Tensor& x) { return x.defined() && x.requires_grad(); }
  // Makes the numbers of a row contiguous and the rows non-overlapping at one stride; with `joint`, also across the
  // axis before the rows.
  static void make_readable(at::Tensor& x, bool joint);
  static MlpInput input(const at::Tensor& state, const at::Tensor& action);
  // The stride of an axis of size one may be any number, but a matrix product wants a valid one.
  static std::int64_t stride(const at::Tensor& x, std::int64_t axis) { return std::max(x.stride(axis), x.size(-1)); }

  Pass pass_;
  precision precision_;  // of the forward pass
  torch::autograd::SavedVariable state_, action_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/mlp_kernel_node.impl.hpp>
#endif
