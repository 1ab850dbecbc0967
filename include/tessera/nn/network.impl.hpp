#pragma once
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/math/flow.hpp>
#include <tessera/nn/adam.hpp>
#include <tessera/nn/jacobian.hpp>
#include <tessera/nn/mlp_kernel_node.hpp>
#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/mlp_node.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/polyak.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/machine_memory.hpp>

namespace tessera::nn {
TESSERA_INLINE Network::Network(const MlpOptions& h, const AdamOptions& adam, std::int64_t inputs, std::int64_t members,
                                const head_layout& top, bool with_target, const at::Device& device, at::Generator init,
                                at::ScalarType type)
    : Network(Mlp(that_fits(h, inputs, members, top, with_target), inputs, std::max<std::int64_t>(members, 1), top),
              members == 0, adam, with_target, device, std::move(init), type) {}
TESSERA_INLINE Network::Network(const ResidualMlpOptions& h, const AdamOptions& adam, std::int64_t inputs,
                                std::int64_t members, const head_layout& top, bool with_target,
                                const at::Device& device, at::Generator init, at::ScalarType type)
    : Network(Mlp(that_fits(h, inputs, members, top, with_target), inputs, std::max<std::int64_t>(members, 1), top),
              members == 0, adam, with_target, device, std::move(init), type) {}

TESSERA_INLINE Network::Network(Mlp mlp, bool single, const AdamOptions& adam, bool with_target,
                                const at::Device& device, at::Generator init, at::ScalarType type)
    : mlp_(std::move(mlp)), single_(single) {
  settle_threads();                           // before the first number is computed
  const c10::InferenceMode inference(false);  // a network that is made inside of one can be trained outside
  parameters_ = at::empty({mlp_.members(), mlp_.row()}, at::kFloat);
  mlp_.initialize(parameters_, init);
  parameters_ = parameters_.to(device, type);
  // Each task of a pass accumulates its own part of the gradient; the optimizer adds them up.
  const bool kernels = parameters_.is_cpu() && type == at::kFloat;
  const auto parts = kernels && !mlp_.residual() ? MlpKernels::gradient_parts(mlp_.members()) : 1;
  gradient_ = at::zeros({parts, mlp_.members(), mlp_.row()}, parameters_.options());
  adam_ = Adam(adam, parameters_);
  if (with_target) target_ = parameters_.clone();
  bind();
}

TESSERA_INLINE head<at::Tensor> Network::trained(const at::Tensor& state, const at::Tensor& action) {
  if (on_kernels(state)) return {on_kernels(parameters_, gradient_, state, action, trace(), all()), free_leaf_};
  if (mlp_.residual())
    return {shape(mlp_.forward(all() == 1 ? leaf_views_ : mlp_.look(leaf_), joined(state, action)), action),
            free_leaf_};
  return {shape(MlpNode::apply(joined(state, action), anchor_, &mlp_, &views_, &gradient_views_, &leaf_), action),
          free_leaf_};
}

TESSERA_INLINE head<at::Tensor> Network::frozen(const at::Tensor& state, const at::Tensor& action,
                                                std::int64_t members) {
  const auto count = members > 0 ? std::min(members, all()) : all();
  if (on_kernels(state)) return {on_kernels(parameters_, {}, state, action, trace(), count), views_.state_independent};
  const auto x = joined(state, action);
  const auto out = mlp_.residual() ? mlp_.forward(views_, x) : MlpNode::apply(x, x, &mlp_, &views_, nullptr, &leaf_);
  return {shape(count < all() ? out.narrow(0, 0, count) : out, action), views_.state_independent};
}

TESSERA_INLINE head<at::Tensor> Network::fixed(const at::Tensor& state, const at::Tensor& action) const {
  return {constant(parameters_, views_, state, action), views_.state_independent};
}
TESSERA_INLINE head<at::Tensor> Network::target(const at::Tensor& state, const at::Tensor& action) const {
  return {constant(target_, target_views_, state, action), target_views_.state_independent};
}
TESSERA_INLINE head<at::Tensor> Network::target_of(const at::Tensor& members, const at::Tensor& state,
                                                   const at::Tensor& action) const {
  if (on_kernels(state))
    return {on_kernels(target_.index_select(0, members), {}, state, action, nullptr, members.size(0)),
            target_views_.state_independent};
  return {target(state, action).out.index_select(0, members), target_views_.state_independent};
}
TESSERA_INLINE head<at::Tensor> Network::frozen_many(const at::Tensor& state, const at::Tensor& actions,
                                                     std::int64_t members) {
  return frozen(state, several(state, actions), members);
}
TESSERA_INLINE at::Tensor Network::flow(const at::Tensor& state, const at::Tensor& x, std::int64_t steps, bool midpoint,
                                        bool target) const {
  TORCH_CHECK(single_ && mlp_.top().axis && mlp_.inputs() == state.size(-1) + x.size(-1) + 1,
              "a flow is that of a single network, on state, x and time");
  const auto& parameters = target ? target_ : parameters_;
  if (on_kernels(state) && !mlp_.residual())
    return MlpKernelNode::flow(mlp_, parameters, state, x.dim() == 3 ? several(state, x) : x, steps, midpoint);
  at::NoGradGuard guard;
  const auto velocity = [&](const at::Tensor& at, double t) {
    const auto in = at::cat({at, at::full_like(at.narrow(-1, 0, 1), t)}, -1);
    return constant(parameters, target ? target_views_ : views_, state, in);
  };
  return midpoint ? math::midpoint(x, steps, velocity) : math::euler(x, steps, velocity);
}
TESSERA_INLINE head<at::Tensor> Network::trained_apart(const at::Tensor& x) {
  check_apart(x, all(), all());
  if (on_kernels(x)) return {apart_on_kernels(gradient_, x, trace()), free_leaf_};
  return {mlp_.forward_apart(mlp_.look(leaf_), x), free_leaf_};
}

TESSERA_INLINE head<at::Tensor> Network::fixed_apart(const at::Tensor& x) const {
  check_apart(x, 1, all());
  if (on_kernels(x)) return {apart_on_kernels({}, x, nullptr), views_.state_independent};
  return {mlp_.forward_apart(views_.first(x.size(0)), x), views_.state_independent};
}

TESSERA_INLINE std::array<head<at::Tensor>, 2> Network::trained_and_fixed(const at::Tensor& state,
                                                                          const at::Tensor& other) {
  if (!on_kernels(state)) return {trained(state), fixed_without_graph(other)};
  const auto second = empty(other, {}, all());
  const auto first = on_kernels(parameters_, gradient_, state, {}, trace(), all(), other, second);
  return {head<at::Tensor>{first, free_leaf_}, head<at::Tensor>{second, views_.state_independent}};
}

TESSERA_INLINE std::array<head<at::Tensor>, 2> Network::both_fixed(const at::Tensor& state,
                                                                   const at::Tensor& other) const {
  if (on_kernels(state)) {
    const auto second = empty(other, {}, all());
    const auto first = on_kernels(parameters_, {}, state, {}, nullptr, all(), other, second);
    return {head<at::Tensor>{first, views_.state_independent}, head<at::Tensor>{second, views_.state_independent}};
  }
  const auto halves = mlp_.forward(views_, at::cat({state, other})).split(state.size(0), 1);
  return {head<at::Tensor>{shape(halves[0], {}), views_.state_independent},
          head<at::Tensor>{shape(halves[1], {}), views_.state_independent}};
}

TESSERA_INLINE at::Tensor Network::action_gradient(const at::Tensor& state, const at::Tensor& action) {
  at::AutoGradMode on(true);
  const auto a = action.detach().unsqueeze(0).repeat({all(), 1, 1}).requires_grad_();
  const auto out = mlp_.forward_apart(mlp_.look(leaf_), at::cat({state.unsqueeze(0).expand({all(), -1, -1}), a}, -1));
  return torch::autograd::grad({out}, {a}, {at::ones_like(out)}, true, true).front();
}

TESSERA_INLINE void Network::apply() {
  if (auto* const joint = JointUpdates::here()) joint->before_step(gradient_);
  adam_.step(parameters_, gradient_);
  ++version_;
}

TESSERA_INLINE void Network::apply_and_follow(double rate) {
  if (auto* const joint = JointUpdates::here()) joint->before_step(gradient_);
  adam_.step(parameters_, gradient_, &target_, rate);
  ++version_;
}

TESSERA_INLINE void Network::move(const at::Tensor& by) {
  if (JointUpdates::here() != nullptr)
    throw Error("a step that is not an optimizer's is of one process's batch: it cannot be data-parallel");
  at::NoGradGuard guard;
  parameters_.add_(by);
  gradient_.zero_();
  ++version_;
}

TESSERA_INLINE Jacobian Network::jacobian(const at::Tensor& state) const { return {mlp_, parameters_, state}; }
TESSERA_INLINE void Network::follow(double rate) { polyak(target_, parameters_, rate); }
TESSERA_INLINE void Network::decay(const std::vector<double>& rates) {
  at::NoGradGuard guard;
  for (std::size_t l = 0; l < views_.layers.size() && !rates.empty(); ++l)
    gradient_views_.layers[l].weight.add_(views_.layers[l].weight, rates[std::min(l, rates.size() - 1)]);
}

TESSERA_INLINE void Network::assign(const at::Tensor& parameters) {
  at::NoGradGuard guard;
  const auto shared = views_.state_independent.defined() ? views_.state_independent.clone() : at::Tensor();
  parameters_.copy_(parameters);
  if (shared.defined()) views_.state_independent.copy_(shared);
  adam_.restart();
  ++version_;
}

TESSERA_INLINE at::Tensor Network::gathered_gradient() const { return gradient_.sum(0); }
TESSERA_INLINE void Network::require_memory(std::uint64_t bytes) {
  check_memory(bytes, "a network", "make it narrower or shallower (hidden), or take fewer members");
}

TESSERA_INLINE bool Network::on_kernels(const at::Tensor& x) const {
  const bool fits =
      parameters_.is_cpu() && parameters_.scalar_type() == at::kFloat && x.is_cpu() && x.scalar_type() == at::kFloat;
  if (!fits && precision_here() != precision::float32)
    throw Error("precision bf16: is of the CPU's products of float32 networks, and this one has " +
                std::string(c10::toString(parameters_.scalar_type())) + " numbers on " + parameters_.device().str() +
                "; leave it out");
  return fits;
}
TESSERA_INLINE const at::Tensor& Network::several(const at::Tensor& state, const at::Tensor& actions) {
  TORCH_CHECK(actions.dim() == 3 && actions.size(0) == state.size(0) && actions.size(1) > 0,
              "several actions a state are (B, K, d) with K > 0 and B that of the states, not ", actions.sizes(),
              " at ", state.sizes());
  return actions;
}

TESSERA_INLINE void Network::check_apart(const at::Tensor& x, std::int64_t min, std::int64_t max) const {
  TORCH_CHECK(x.dim() == 3 && x.size(0) >= min && x.size(0) <= max && x.size(2) == mlp_.inputs(),
              "each member's own inputs are (N, B, n) with N = ", max, " and n = ", mlp_.inputs(), ", not ", x.sizes());
}

TESSERA_INLINE at::Tensor Network::empty(const at::Tensor& state, const at::Tensor& action,
                                         std::int64_t members) const {
  at::DimVector sizes;
  if (!single_) sizes.push_back(members);
  sizes.push_back(state.size(0));
  if (action.defined() && action.dim() == 3) sizes.push_back(action.size(1));
  if (mlp_.top().axis) sizes.push_back(mlp_.top().outputs);
  return at::empty(sizes, at::kFloat);
}

TESSERA_INLINE at::Tensor Network::shape(at::Tensor out, const at::Tensor& action) const {
  if (action.defined() && action.dim() == 3)
    out = out.view({out.size(0), action.size(0), action.size(1), out.size(-1)});
  if (single_) out = out.squeeze(0);
  return mlp_.top().axis ? out : out.squeeze(-1);
}

TESSERA_INLINE at::Tensor Network::on_kernels(const at::Tensor& parameters, const at::Tensor& gradient,
                                              const at::Tensor& state, const at::Tensor& action,
                                              std::shared_ptr<MlpTrace> trace, std::int64_t members,
                                              const at::Tensor& other, const at::Tensor& other_out) const {
  const auto out = empty(state, action, members);
  MlpKernelNode::forward({&mlp_, members, parameters, gradient, leaf_, state, action, std::move(trace)}, anchor_, out,
                         other, other_out);
  return out;
}

TESSERA_INLINE at::Tensor Network::apart_on_kernels(const at::Tensor& gradient, const at::Tensor& x,
                                                    std::shared_ptr<MlpTrace> trace) const {
  const auto out = at::empty({x.size(0), x.size(1), mlp_.top().outputs}, at::kFloat);
  MlpKernelNode::forward({&mlp_, x.size(0), parameters_, gradient, leaf_, x, {}, std::move(trace)}, anchor_, out);
  return out;
}

TESSERA_INLINE at::Tensor Network::constant(const at::Tensor& parameters, const Mlp::views& v, const at::Tensor& state,
                                            const at::Tensor& action) const {
  if (on_kernels(state)) return on_kernels(parameters, {}, state, action, nullptr, all());
  return shape(mlp_.forward(v, joined(state, action)), action);
}

TESSERA_INLINE head<at::Tensor> Network::fixed_without_graph(const at::Tensor& state) const {
  at::NoGradGuard guard;
  return fixed(state);
}

TESSERA_INLINE std::shared_ptr<MlpTrace> Network::trace() {
  for (auto& t : traces_)
    if (t.use_count() == 1) return t;
  return traces_.emplace_back(std::make_shared<MlpTrace>());
}

TESSERA_INLINE void Network::bind() {
  views_ = mlp_.look(parameters_);
  gradient_views_ = mlp_.look(gradient_.select(0, 0));
  if (target_.defined()) target_views_ = mlp_.look(target_);
  if (mlp_.residual() && all() == 1) {
    std::vector<at::Tensor> gradients;
    gradient_views_.each([&](at::Tensor& g) { gradients.push_back(g); });
    leaf_views_ = views_;
    std::size_t i = 0;
    leaf_views_.each([&](at::Tensor& x) {
      x = x.detach().requires_grad_();
      x.mutable_grad() = gradients[i++];
    });
  }
  anchor_ = at::zeros({0}, parameters_.options()).requires_grad_();
  leaf_ = parameters_.detach().requires_grad_();
  leaf_.mutable_grad() = gradient_.select(0, 0);
  if (views_.state_independent.defined()) {
    free_leaf_ = views_.state_independent.detach().requires_grad_();
    free_leaf_.mutable_grad() = gradient_views_.state_independent;
  }
}
}  // namespace tessera::nn
