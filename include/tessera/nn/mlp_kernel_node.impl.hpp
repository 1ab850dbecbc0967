#pragma once
#include <array>
#include <utility>

#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE at::Tensor joined(const at::Tensor& state, const at::Tensor& action) {
  if (!action.defined()) return state;
  if (action.dim() == 2) return at::cat({state, action}, -1);
  return at::cat({state.unsqueeze(1).expand({-1, action.size(1), -1}), action}, -1).flatten(0, 1);
}

TESSERA_INLINE MlpKernelNode::MlpKernelNode(Pass pass) : pass_(std::move(pass)), precision_(precision_here()) {
  state_ = torch::autograd::SavedVariable(pass_.state, false);
  action_ = torch::autograd::SavedVariable(pass_.action, false);
  pass_.state = pass_.state.detach();  // the node must not keep the graph alive
  if (pass_.action.defined()) pass_.action = pass_.action.detach();
}

TESSERA_INLINE void MlpKernelNode::forward(Pass pass, const at::Tensor& anchor, const at::Tensor& out,
                                           const at::Tensor& second, const at::Tensor& second_out) {
  const Mlp& mlp = *pass.mlp;
  make_readable(pass.state, false), make_readable(pass.action, true);
  const auto states = pass.state.size(-2);
  const bool graph = pass.trace && at::GradMode::is_enabled() &&
                     (pass.gradient.defined() || requires_gradient(pass.state) || requires_gradient(pass.action));
  at::Tensor other = second;
  make_readable(other, false);
  const std::array<MlpInput, 2> inputs{input(pass.state, pass.action), other.defined() ? input(other, {}) : MlpInput{}};
  if (graph && !mlp.residual()) pass.trace->resize(mlp, states, inputs[0].repeat);
  const std::array<float*, 2> outs{out.data_ptr<float>(), other.defined() ? second_out.data_ptr<float>() : nullptr};
  const auto kernel = mlp.residual() ? ResidualKernels::forward : MlpKernels::forward;
  kernel(mlp, pass.parameters.data_ptr<float>(), pass.members, inputs.data(), other.defined() ? 2 : 1, states,
         outs.data(), graph ? pass.trace.get() : nullptr);
  if (!graph) return;
  const at::Tensor state = pass.state, action = pass.action, none;
  auto node = make_node<MlpKernelNode>(
      std::array<const at::Tensor*, 3>{&state, &action, pass.gradient.defined() ? &anchor : &none}, std::move(pass));
  torch::autograd::create_gradient_edge(const_cast<at::Tensor&>(out), node);
}

TESSERA_INLINE at::Tensor MlpKernelNode::flow(const Mlp& mlp, const at::Tensor& parameters, at::Tensor state,
                                              at::Tensor noise, std::int64_t steps, bool midpoint) {
  make_readable(state, false), make_readable(noise, true);
  const auto out = at::empty(noise.sizes(), at::kFloat);
  MlpKernels::flow(mlp, parameters.data_ptr<float>(), input(state, noise), state.size(0), steps, midpoint,
                   out.data_ptr<float>());
  return out;
}

TESSERA_INLINE torch::autograd::variable_list MlpKernelNode::apply(torch::autograd::variable_list&& grads) {
  const Mlp& mlp = *pass_.mlp;
  const bool of_state = task_should_compute_output(0), of_action = task_should_compute_output(1),
             of_parameters = task_should_compute_output(2);
  std::array<at::Tensor, 3> out;
  if (at::GradMode::is_enabled()) {
    TORCH_CHECK(!of_parameters,
                "the gradient of a network's parameters cannot be differentiated again; differentiate the input's");
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
  const in_precision guard(precision_);
  const auto kernel = mlp.residual() ? ResidualKernels::backward : MlpKernels::backward;
  kernel(mlp, pass_.parameters.data_ptr<float>(), pass_.members, of_parameters ? to(pass_.gradient) : nullptr,
         of_parameters ? pass_.gradient.size(0) : 0, input(pass_.state, pass_.action), pass_.state.size(-2),
         g.data_ptr<float>(), *pass_.trace, to(out[0]), to(out[1]));
  if (auto* const joint = JointUpdates::here(); joint != nullptr && of_parameters) joint->touched(pass_.gradient);
  return libtorch_list(out.data(), out.size());
}

TESSERA_INLINE void MlpKernelNode::release_variables() {
  pass_.trace.reset();
  state_.reset_data(), action_.reset_data();
}

TESSERA_INLINE void MlpKernelNode::make_readable(at::Tensor& x, bool joint) {
  if (!x.defined()) return;
  const auto last = x.dim() - 1;
  const bool apart = x.size(last) != 1 && x.stride(last) != 1,
             overlap = x.size(last - 1) > 1 && x.stride(last - 1) < x.size(last);
  const bool split = joint && last == 2 && x.size(0) > 1 && x.size(1) > 1 && x.stride(0) != x.size(1) * x.stride(1);
  if (apart || overlap || split) x = x.contiguous();
}

TESSERA_INLINE MlpInput MlpKernelNode::input(const at::Tensor& state, const at::Tensor& action) {
  MlpInput x{state.data_ptr<float>(), stride(state, -2), state.size(-1)};
  if (state.dim() == 3) x.apart = true, x.member_stride = state.stride(0);
  if (!action.defined()) return x;
  if (action.dim() == 3) x.repeat = action.size(1);
  x.action = action.data_ptr<float>(), x.action_size = action.size(-1),
  x.action_stride = stride(action, x.repeat > 1 ? 1 : 0);
  return x;
}
}  // namespace tessera::nn
