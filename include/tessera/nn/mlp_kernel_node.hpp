#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/node.hpp>

namespace tessera::nn {
/// The rows of a pass's input: states (B, n) alone, or each member's own, (N, B, n); with actions (B, d), (B, n + d); with several
/// each, (B, K, d), (B K, n + d).
inline at::Tensor joined(const at::Tensor& state, const at::Tensor& action) {
  if (!action.defined()) return state;
  if (action.dim() == 2) return at::cat({state, action}, -1);
  return at::cat({state.unsqueeze(1).expand({-1, action.size(1), -1}), action}, -1).flatten(0, 1);
}

/// The gradients of a pass whose own gradient is to be differentiated: plain operations on parameters that are a leaf.
/// `x` are the pieces of the input; those that are not wanted come back undefined.
template <std::size_t I>
std::array<at::Tensor, I> differentiable_gradient(const Mlp& mlp, const at::Tensor& leaf, std::int64_t members, const std::array<at::Tensor, I>& x,
                                                  const std::array<bool, I>& wanted, const at::Tensor& upstream) {
  torch::autograd::variable_list inputs;
  for (std::size_t i = 0; i < I; ++i)
    if (wanted[i]) inputs.push_back(x[i]);
  const auto rows = joined(x[0], I > 1 ? x[I - 1] : at::Tensor());
  const auto parameters = mlp.look(leaf);
  const auto out = rows.dim() == 3 ? mlp.forward_apart(parameters.first(members), rows) : mlp.forward(parameters, rows).narrow(0, 0, members);
  const auto found = torch::autograd::grad({out}, inputs, {upstream.reshape(out.sizes())}, true, true);
  std::array<at::Tensor, I> all;
  for (std::size_t i = 0, k = 0; i < I; ++i)
    if (wanted[i]) all[i] = found[k++];
  return all;
}

/// The backward pass of MlpKernels as one autograd node: adds the parameters' gradient to a flat buffer, and returns
/// the input's.  A gradient of the input that is to be differentiated again is made in plain operations.
class MlpKernelNode : public torch::autograd::Node, public made_of_recycled<MlpKernelNode> {
 public:
  /// What a pass works on.  `gradient` is undefined where parameters are constants, `action` where the input is in one
  /// piece; `leaf` are the parameters as a leaf of autograd.
  struct Pass {
    const Mlp* mlp;
    std::int64_t members;
    at::Tensor parameters, gradient, leaf, state, action;
    std::shared_ptr<MlpTrace> trace;
  };
  explicit MlpKernelNode(Pass pass) : pass_(std::move(pass)) {
    state_ = torch::autograd::SavedVariable(pass_.state, false);
    action_ = torch::autograd::SavedVariable(pass_.action, false);
    pass_.state = pass_.state.detach();  // what the node works on must not keep the graph
    if (pass_.action.defined()) pass_.action = pass_.action.detach();
  }

  /// [state, action] (B, in) -> `out` (members, B, outputs); or states and actions (B, n) and (B, K, d) -> (members, B, K, outputs);
  /// or each member's own states, (members, B, in) -> (members, B, outputs).
  /// Axes of size one may be absent from `out`.  With `second`, of one piece, a pass of states alone also computes `second_out`,
  /// without gradient.  `anchor` is a leaf that requires gradient: it makes autograd call the backward pass also where the input
  /// has none.  Without a trace, or where nothing requires gradient, there is no node.
  static void forward(Pass pass, const at::Tensor& anchor, const at::Tensor& out, const at::Tensor& second = {}, const at::Tensor& second_out = {}) {
    const Mlp& mlp = *pass.mlp;
    make_readable(pass.state, false), make_readable(pass.action, true);
    const auto states = pass.state.size(-2);
    const bool graph = pass.trace && at::GradMode::is_enabled() && (pass.gradient.defined() || requires_gradient(pass.state) || requires_gradient(pass.action));
    at::Tensor other = second;
    make_readable(other, false);
    const std::array<MlpInput, 2> inputs{input(pass.state, pass.action), other.defined() ? input(other, {}) : MlpInput{}};
    if (graph) pass.trace->resize(mlp, states, inputs[0].repeat);
    const std::array<float*, 2> outs{out.data_ptr<float>(), other.defined() ? second_out.data_ptr<float>() : nullptr};
    MlpKernels::forward(mlp, pass.parameters.data_ptr<float>(), pass.members, inputs.data(), other.defined() ? 2 : 1, states, outs.data(),
                        graph ? pass.trace.get() : nullptr);
    if (!graph) return;
    const at::Tensor state = pass.state, action = pass.action, none;
    auto node = make_node<MlpKernelNode>(std::array<const at::Tensor*, 3>{&state, &action, pass.gradient.defined() ? &anchor : &none}, std::move(pass));
    torch::autograd::create_gradient_edge(const_cast<at::Tensor&>(out), node);
  }

  torch::autograd::variable_list apply(torch::autograd::variable_list&& grads) override {
    const Mlp& mlp = *pass_.mlp;
    const bool of_state = task_should_compute_output(0), of_action = task_should_compute_output(1), of_parameters = task_should_compute_output(2);
    std::array<at::Tensor, 3> out;
    if (at::GradMode::is_enabled()) {
      TORCH_CHECK(!of_parameters, "the gradient of a network's parameters cannot be differentiated again; differentiate the input's");
      const std::array<at::Tensor, 2> x{state_.unpack(), pass_.action.defined() ? action_.unpack() : at::Tensor()};
      const auto found = differentiable_gradient<2>(mlp, pass_.leaf, pass_.members, x, {of_state, of_action}, grads[0]);
      out[0] = found[0], out[1] = found[1];
      return libtorch_list(out.data(), out.size());
    }
    TORCH_CHECK(pass_.trace, "a network's backward pass was asked for twice; ask for retain_graph the first time");
    const auto g = grads[0].contiguous();
    if (of_state) out[0] = at::empty(pass_.state.sizes(), at::kFloat);
    if (of_action) out[1] = at::empty(pass_.action.sizes(), at::kFloat);
    const auto to = [](const at::Tensor& t) { return t.defined() ? t.data_ptr<float>() : nullptr; };
    MlpKernels::backward(mlp, pass_.parameters.data_ptr<float>(), pass_.members, of_parameters ? to(pass_.gradient) : nullptr,
                         of_parameters ? pass_.gradient.size(0) : 0, input(pass_.state, pass_.action), pass_.state.size(-2), g.data_ptr<float>(),
                         *pass_.trace, to(out[0]), to(out[1]));
    return libtorch_list(out.data(), out.size());
  }
  void release_variables() override {
    pass_.trace.reset();
    state_.reset_data(), action_.reset_data();
  }

 private:
  static bool requires_gradient(const at::Tensor& x) { return x.defined() && x.requires_grad(); }
  // The numbers of a row side by side, the rows one after another without overlap, also over the axis before them if they are `joint`.
  static void make_readable(at::Tensor& x, bool joint) {
    if (!x.defined()) return;
    const auto last = x.dim() - 1;
    const bool apart = x.size(last) != 1 && x.stride(last) != 1, overlap = x.size(last - 1) > 1 && x.stride(last - 1) < x.size(last);
    const bool split = joint && last == 2 && x.size(0) > 1 && x.size(1) > 1 && x.stride(0) != x.size(1) * x.stride(1);
    if (apart || overlap || split) x = x.contiguous();
  }
  static MlpInput input(const at::Tensor& state, const at::Tensor& action) {
    MlpInput x{state.data_ptr<float>(), stride(state, -2), state.size(-1)};
    if (state.dim() == 3) x.apart = true, x.member_stride = state.stride(0);
    if (!action.defined()) return x;
    if (action.dim() == 3) x.repeat = action.size(1);
    x.action = action.data_ptr<float>(), x.action_size = action.size(-1), x.action_stride = stride(action, x.repeat > 1 ? 1 : 0);
    return x;
  }
  // Of an axis of one row, any number: a matrix product wants one that could be.
  static std::int64_t stride(const at::Tensor& x, std::int64_t axis) { return std::max(x.stride(axis), x.size(-1)); }

  Pass pass_;
  torch::autograd::SavedVariable state_, action_;
};
}  // namespace tessera::nn
