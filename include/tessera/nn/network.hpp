#pragma once
#include <cstdint>
#include <optional>
#include <memory>
#include <string>
#include <vector>

#include <tessera/nn/adam.hpp>
#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/mlp_node.hpp>
#include <tessera/nn/polyak.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// A trainable ensemble: one flat buffer of parameters, its gradient, its optimiser, and a target copy if asked.
/// A single network (members = 0) is an ensemble of one whose outputs have no member axis.
/// A pass is one autograd node, which adds to the gradient's buffer by itself.
class Network {
 public:
  Network(const MlpOptions& h, const AdamOptions& adam, std::int64_t inputs, std::int64_t members, const head_layout& top,
          bool with_target, const at::Device& device, at::Generator init)
      : mlp_(h, inputs, std::max<std::int64_t>(members, 1), top), single_(members == 0) {
    parameters_ = at::empty({mlp_.members(), mlp_.row()}, at::kFloat);
    mlp_.initialize(parameters_, init);
    parameters_ = parameters_.to(device);
    // A task of a pass gathers its own part of the gradient; the optimiser adds them up.
    const auto parts = parameters_.is_cpu() ? MlpKernels::slices(mlp_, 1 << 20) : 1;
    gradient_ = at::zeros({parts, mlp_.members(), mlp_.row()}, parameters_.options());
    adam_ = Adam(adam, parameters_);
    if (with_target) target_ = parameters_.clone();
    bind();
  }
  Network(Network&&) = default;
  Network& operator=(Network&&) = default;

  /// x (B, in) -> out (N, B, outputs), or (B, outputs) of a single network; gradients reach parameters and x.
  head<at::Tensor> trained(const at::Tensor& x) {
    if (on_kernels(x)) return {shape(MlpKernelNode::forward({&mlp_, parameters_, gradient_, x, trace()}, anchor_)), free_leaf_};
    return {shape(MlpNode::apply(x, anchor_, &mlp_, &views_, &gradient_views_)), free_leaf_};
  }
  /// The same values; gradients reach x alone.
  head<at::Tensor> frozen(const at::Tensor& x) {
    if (on_kernels(x)) return {shape(MlpKernelNode::forward({&mlp_, parameters_, {}, x, trace()}, {})), views_.free};
    return {shape(MlpNode::apply(x, x, &mlp_, &views_, nullptr)), views_.free};
  }
  /// The same values, without gradient.
  head<at::Tensor> fixed(const at::Tensor& x) const {
    if (on_kernels(x)) return {shape(MlpKernelNode::forward({&mlp_, parameters_, {}, x, nullptr}, {})), views_.free};
    return {shape(mlp_.forward(views_, x)), views_.free};
  }
  /// The target copy's values, without gradient.
  head<at::Tensor> target(const at::Tensor& x) const {
    if (on_kernels(x)) return {shape(MlpKernelNode::forward({&mlp_, target_, {}, x, nullptr}, {})), target_views_.free};
    return {shape(mlp_.forward(target_views_, x)), target_views_.free};
  }

  /// One optimiser step with the gradient that backward passes have gathered, which is cleared.
  void apply() {
    adam_.step(parameters_, gradient_);
    ++version_;
  }
  void follow(double rate) { polyak(target_, parameters_, rate); }
  /// Changes whenever the parameters do.
  std::int64_t version() const { return version_; }

  const Mlp& mlp() const { return mlp_; }
  const at::Tensor& parameters() const { return parameters_; }
  /// (parts, N, row): the parts' sum is the gradient.
  const at::Tensor& gradient() const { return gradient_; }
  const at::Tensor& target_parameters() const { return target_; }
  const Adam& adam() const { return adam_; }

  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/parameters", parameters_);
    if (target_.defined()) f(owner + "/target", target_);
    adam_.each_buffer(owner, f);
    ++version_;
  }

 private:
  at::Tensor shape(at::Tensor out) const { return single_ ? out.squeeze(0) : out; }
  bool on_kernels(const at::Tensor& x) const { return parameters_.is_cpu() && x.is_cpu() && x.scalar_type() == at::kFloat; }
  // Memory for one pass: one that no graph holds any more, or new.
  std::shared_ptr<MlpTrace> trace() {
    for (auto& t : traces_)
      if (t.use_count() == 1) return t;
    return traces_.emplace_back(std::make_shared<MlpTrace>());
  }
  void bind() {
    views_ = mlp_.look(parameters_);
    gradient_views_ = mlp_.look(gradient_.select(0, 0));
    if (target_.defined()) target_views_ = mlp_.look(target_);
    anchor_ = at::zeros({0}, parameters_.options()).requires_grad_();
    if (views_.free.defined()) {
      free_leaf_ = views_.free.detach().requires_grad_();
      free_leaf_.mutable_grad() = gradient_views_.free;
    }
  }

  Mlp mlp_;
  bool single_;
  at::Tensor parameters_, gradient_, target_, anchor_, free_leaf_;
  Mlp::views views_, gradient_views_, target_views_;
  std::vector<std::shared_ptr<MlpTrace>> traces_;
  Adam adam_;
  std::int64_t version_ = 0;
};
}  // namespace tessera::nn
