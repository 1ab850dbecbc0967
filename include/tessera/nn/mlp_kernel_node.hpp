#pragma once
#include <memory>
#include <utility>

#include <tessera/nn/mlp_kernels.hpp>

namespace tessera::nn {
/// The backward pass of MlpKernels as one autograd node: adds the parameters' gradient to a flat buffer, and returns
/// the input's.  Once differentiable.
class MlpKernelNode : public torch::autograd::Node {
 public:
  /// What a pass works on; the gradient is undefined where parameters are constants.
  struct Pass {
    const Mlp* mlp;
    at::Tensor parameters, gradient, x;
    std::shared_ptr<MlpTrace> trace;
  };
  MlpKernelNode(Pass pass, bool input) : pass_(std::move(pass)), input_(input) {}

  /// x (B, in) -> (N, B, outputs).  `anchor` is a leaf that requires gradient: it makes autograd call the backward pass
  /// also where x has none.  Without a trace, or where nothing requires gradient, there is no node.
  static at::Tensor forward(Pass pass, const at::Tensor& anchor) {
    const Mlp& mlp = *pass.mlp;
    if (pass.x.stride(1) != 1 && pass.x.size(1) != 1) pass.x = pass.x.contiguous();
    const auto rows = pass.x.size(0);
    const bool parameters = pass.gradient.defined(), input = pass.x.requires_grad();
    const bool graph = pass.trace && at::GradMode::is_enabled() && (parameters || input);
    auto out = at::empty({mlp.members(), rows, mlp.top().outputs}, at::kFloat);
    if (graph) pass.trace->resize(mlp, rows);
    MlpKernels::forward(mlp, pass.parameters.data_ptr<float>(), pass.x.data_ptr<float>(), pass.x.stride(0), rows, out.data_ptr<float>(),
                        graph ? pass.trace.get() : nullptr);
    if (graph) {
      auto edges = parameters ? torch::autograd::collect_next_edges(pass.x, anchor) : torch::autograd::collect_next_edges(pass.x);
      const auto x = std::exchange(pass.x, pass.x.detach());  // what the node keeps must not keep the graph
      auto node = std::shared_ptr<MlpKernelNode>(new MlpKernelNode(std::move(pass), input), torch::autograd::deleteNode);
      node->set_next_edges(std::move(edges));
      torch::autograd::create_gradient_edge(out, node);
    }
    return out;
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override {
    at::NoGradGuard guard;
    const Mlp& mlp = *pass_.mlp;
    const auto g = grads[0].contiguous();
    const auto rows = pass_.x.size(0);
    at::Tensor dx;
    if (input_) dx = at::empty({mlp.members(), rows, mlp.inputs()}, at::kFloat);
    MlpKernels::backward(mlp, pass_.parameters.data_ptr<float>(), pass_.gradient.defined() ? pass_.gradient.data_ptr<float>() : nullptr,
                         pass_.x.data_ptr<float>(), pass_.x.stride(0), rows, g.data_ptr<float>(), *pass_.trace,
                         input_ ? dx.data_ptr<float>() : nullptr);
    if (input_) dx = mlp.members() == 1 ? dx.squeeze(0) : dx.sum(0);  // the members share their input
    torch::autograd::variable_list out{dx};
    if (pass_.gradient.defined()) out.emplace_back();
    return out;
  }
  void release_variables() override { pass_.trace.reset(); }

 private:
  Pass pass_;
  bool input_;
};
}  // namespace tessera::nn
