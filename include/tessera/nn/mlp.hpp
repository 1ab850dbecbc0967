#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <tessera/concepts/types.hpp>
#include <tessera/nn/device_kernels.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/options/network.hpp>
#include <tessera/options/residual_network.hpp>

namespace tessera::nn {
/// The layout of an ensemble of multi-layer perceptrons in one flat buffer of N equal rows, one row per member: for
/// each layer weights (in, out), bias (out) and, on hidden layers with LayerNorm, gain and shift (out); then the `free`
/// parameters.  Every tensor starts at a multiple of 64 bytes.  Of residual networks the frequencies come first, then
/// the layers of the time code, the input layer, two layers a block, and the output layer.
class Mlp {
 public:
  Mlp() = default;
  Mlp(const MlpOptions& h, std::int64_t inputs, std::int64_t members, const head_layout& top);
  Mlp(const ResidualMlpOptions& h, std::int64_t inputs, std::int64_t members, const head_layout& top);

  std::int64_t inputs() const { return inputs_; }
  bool residual() const { return residual_.has_value(); }
  /// Of a residual network.
  const ResidualMlpOptions& residual_options() const { return *residual_; }
  /// Where a residual network's frequencies start in a member's row.
  std::int64_t frequencies() const { return frequencies_; }
  std::int64_t members() const { return members_; }
  const head_layout& top() const { return top_; }
  /// How many numbers one member's row has, including padding.
  std::int64_t row() const { return row_; }
  /// Weights of one member: the multiply-adds of a forward pass for one state.
  std::int64_t weights() const;

  /// One layer's sizes, and where its tensors start in a member's row; gain and shift are -1 without LayerNorm, which
  /// is of `normed` numbers.
  struct layer {
    std::int64_t in, out, weight, bias, gain = -1, shift = -1, normed = 0;
  };
  const std::vector<layer>& layers() const { return layers_; }
  tessera::activation activation() const { return h_.activation; }
  /// Whether LayerNorm, if there is one, comes after the activation.
  bool norm_last() const;
  double norm_epsilon() const { return h_.norm_epsilon; }

  /// One layer's tensors as views of a buffer (N, row): weight (N, in, out), the others (N, 1, out).
  struct layer_view {
    at::Tensor weight, bias, gain, shift;
  };
  struct views {
    std::vector<layer_view> layers;
    at::Tensor state_independent;  // (free), of the first member
    at::Tensor frequencies;        // (N, 1, F), of a residual network
    void each(auto&& f) {
      for (auto& l : layers) {
        f(l.weight), f(l.bias);
        if (l.gain.defined()) f(l.gain), f(l.shift);
      }
      if (state_independent.defined()) f(state_independent);
      if (frequencies.defined()) f(frequencies);
    }
    /// The views of the first `members` members.
    views first(std::int64_t members) const;
  };
  views look(const at::Tensor& buffer) const;

  /// x (B, in) -> (N, B, outputs).  Plain tensor operations: differentiable any number of times, on any device.
  at::Tensor forward(const views& v, const at::Tensor& x) const;
  /// The same if each member has its own input: x (N, B, in), or (M, B, in) with the views of the first M members.
  at::Tensor forward_apart(const views& v, const at::Tensor& x) const {
    return forward_widened(v, members_ == 1 ? x.squeeze(0) : x);
  }

  at::Tensor forward_widened(const views& v, at::Tensor z) const;

  // The pieces of a pass.  A single member has no member axis inside a pass: z is (B, width), else (N, B, width).
  at::Tensor widen(const at::Tensor& x) const;
  at::Tensor affine(const layer_view& l, const at::Tensor& z) const;
  at::Tensor product(const layer_view& l, const at::Tensor& z) const;
  /// A hidden layer by a device's kernels.  Keeps in `kept`, unless it is null, what hidden_backward needs, and else
  /// overwrites its numbers.
  at::Tensor hidden(const DeviceKernels& kernels, const layer_view& l, const at::Tensor& z,
                    std::vector<at::Tensor>* kept) const;
  /// How many tensors that is.
  std::size_t kept(const layer_view& l) const { return l.gain.defined() ? 3 : 1; }
  /// The gradient of the layer's product; adds those of its parameters but for the weights to `into` unless it is null.
  at::Tensor hidden_backward(const DeviceKernels& kernels, const layer_view& l, const at::Tensor& g,
                             const at::Tensor* kept, const layer_view* into) const;
  /// Whether a hidden layer's product, bias and activation are one operation, whose output is all that its derivative
  /// needs: relu(z W + b) of a single network without LayerNorm.
  bool rectifies_at_once(const layer_view& l) const;
  at::Tensor rectified(const layer_view& l, const at::Tensor& z) const;
  at::Tensor scale(const layer_view& l, const at::Tensor& y) const;
  at::Tensor gained(const layer_view& l, const at::Tensor& y) const;
  at::Tensor activate(const at::Tensor& z) const;
  bool derivative_needs_output() const;
  at::Tensor activation_backward(const at::Tensor& g, const at::Tensor& kept) const;
  /// Gradient of the layer's input: g W^T.
  at::Tensor through(const layer_view& l, const at::Tensor& g) const;
  /// The members share their input, so its gradient is the sum of theirs.
  at::Tensor narrow_gradient(const at::Tensor& g) const;
  void add_affine_gradient(layer_view& into, const at::Tensor& h, const at::Tensor& g) const;
  void add_weight_gradient(layer_view& into, const at::Tensor& h, const at::Tensor& g) const;
  void add_scale_gradient(layer_view& into, const at::Tensor& g, const at::Tensor& y) const;

  /// Fills a buffer (N, row) with independent initial values per member.
  void initialize(at::Tensor& buffer, at::Generator g) const;

 private:
  std::int64_t take(std::int64_t count);
  layer place(std::int64_t in, std::int64_t out, bool norm);
  layer place_after_norm(std::int64_t in, std::int64_t out);
  at::Tensor forward_residual(const views& v, const at::Tensor& x) const;
  at::Tensor cut(const at::Tensor& buffer, std::int64_t from, std::int64_t count) const;
  at::Tensor column(const at::Tensor& buffer, std::int64_t from, std::int64_t count) const;

  static at::Tensor first(const at::Tensor& t);
  DeviceKernels::Norm norm_of(const layer_view& l) const;

  // Orthonormal rows or columns, uniformly distributed: QR of a normal matrix, with signs fixed by R's diagonal.
  static at::Tensor orthogonal(std::int64_t rows, std::int64_t cols, at::Generator g);

  MlpOptions h_;
  std::optional<ResidualMlpOptions> residual_;
  std::int64_t inputs_ = 0, members_ = 1, frequencies_ = -1;
  head_layout top_{1};
  std::vector<layer> layers_;
  std::int64_t free_ = 0;
  std::int64_t row_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/mlp.impl.hpp>
#endif
