#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tessera/nn/adam.hpp>
#include <tessera/nn/jacobian.hpp>
#include <tessera/nn/mlp.hpp>
#include <tessera/nn/tensor.hpp>
#include <tessera/options/network.hpp>

namespace tessera::nn {
class MlpTrace;

/// A trainable ensemble: one flat buffer of parameters, its gradient, its optimizer, and a target network if asked.
/// Numbers are float32, for which there are CPU kernels; with another `type`, or on other devices, a pass consists of
/// libtorch's operations.  A single network (members = 0) is an ensemble of one whose outputs have no member axis.  A
/// pass is one autograd node, which adds to the gradient buffer itself.
class Network {
 public:
  Network(const MlpOptions& h, const AdamOptions& adam, std::int64_t inputs, std::int64_t members,
          const head_layout& top, bool with_target, const at::Device& device, at::Generator init,
          at::ScalarType type = at::kFloat);
  /// A residual network, of [state, action] whose last number is a time.
  Network(const ResidualMlpOptions& h, const AdamOptions& adam, std::int64_t inputs, std::int64_t members,
          const head_layout& top, bool with_target, const at::Device& device, at::Generator init,
          at::ScalarType type = at::kFloat);
  Network(Network&&) = default;
  Network& operator=(Network&&) = default;

  // A pass maps states (B, n), or states and actions (B, n) and (B, d), to `out` (N, B, outputs); a single network has
  // no member axis, and the last axis is absent if the layout says so.

  /// Gradients reach the parameters and the input.
  head<at::Tensor> trained(const at::Tensor& state, const at::Tensor& action = {});
  /// The first `members` members (0: all); gradients reach the input alone.
  head<at::Tensor> frozen(const at::Tensor& state, const at::Tensor& action = {}, std::int64_t members = 0);
  /// Without gradient.
  head<at::Tensor> fixed(const at::Tensor& state, const at::Tensor& action = {}) const;
  /// The target network, without gradient.
  head<at::Tensor> target(const at::Tensor& state, const at::Tensor& action = {}) const;
  /// The same of some members, (M) indices, in their order.
  head<at::Tensor> target_of(const at::Tensor& members, const at::Tensor& state, const at::Tensor& action = {}) const;

  // The same with several actions per state: states and actions (B, n) and (B, K, d), to `out` (N, B, K, outputs), with
  // the same axes absent.  The first layer's product with the states, which the actions share, is computed once.

  /// Gradients reach the parameters, the states and the actions.
  head<at::Tensor> trained_many(const at::Tensor& state, const at::Tensor& actions) {
    return trained(state, several(state, actions));
  }
  /// The first `members` members (0: all); gradients reach the states and the actions alone.
  head<at::Tensor> frozen_many(const at::Tensor& state, const at::Tensor& actions, std::int64_t members = 0);
  /// Without gradient.
  head<at::Tensor> fixed_many(const at::Tensor& state, const at::Tensor& actions) const {
    return fixed(state, several(state, actions));
  }
  /// The target network, without gradient.
  head<at::Tensor> target_many(const at::Tensor& state, const at::Tensor& actions) const {
    return target(state, several(state, actions));
  }

  /// Where the flow  dx/dt = v(s, x, t)  takes x (B, d), or (B, K, d), from t = 0 to 1 in equal steps at states (B, n),
  /// v this single network, or its target: Euler's, or midpoint steps (math/flow.hpp).  Without gradient.
  at::Tensor flow(const at::Tensor& state, const at::Tensor& x, std::int64_t steps, bool midpoint, bool target) const;

  // The same if each member has its own inputs: x (N, B, n) to `out` (N, B, outputs), with all axes present.

  /// Gradients reach the parameters and the input.
  head<at::Tensor> trained_apart(const at::Tensor& x);
  /// The first M members, of x (M, B, n), without gradient.
  head<at::Tensor> fixed_apart(const at::Tensor& x) const;

  /// `trained` at one batch of states and `fixed` at another, in one pass.
  std::array<head<at::Tensor>, 2> trained_and_fixed(const at::Tensor& state, const at::Tensor& other);
  /// `fixed` at two batches of states, in one pass.
  std::array<head<at::Tensor>, 2> both_fixed(const at::Tensor& state, const at::Tensor& other) const;

  /// The gradient of each member in the action, (N, B, d), itself differentiable in the parameters.  In plain
  /// operations.
  at::Tensor action_gradient(const at::Tensor& state, const at::Tensor& action);

  /// One optimizer step with the gradient that backward passes have accumulated, which is cleared.
  void apply();
  /// The same, and the target network follows, in one pass.
  void apply_and_follow(double rate);
  /// A step that is not the optimizer's: adds (1, row) numbers to the parameters.  Clears the gradient.
  void move(const at::Tensor& by);
  /// The Jacobian of a single network's outputs at B states in its current parameters; valid until they change.
  Jacobian jacobian(const at::Tensor& state) const;
  void follow(double rate);
  /// Adds the gradient of  1/2 sum_l rates[l] |W_l|^2  over all members, W_l the weights of layer l.  Surplus rates are
  /// not used; if there are too few, the last one holds for the remaining layers.
  void decay(const std::vector<double>& rates);
  /// Replaces the members by (N, row) numbers, such as its own in another order.  The `free` parameters, which all
  /// members share, stay; the optimizer is reset.
  void assign(const at::Tensor& parameters);
  void plan(std::int64_t updates) { adam_.plan(updates); }
  /// Changes whenever the parameters do.
  std::int64_t version() const { return version_; }
  /// A recorded step was repeated, which moves the parameters.
  void repeated() { ++version_; }

  const Mlp& mlp() const { return mlp_; }
  const at::Tensor& parameters() const { return parameters_; }
  /// (parts, N, row): the parts' sum is the gradient.
  const at::Tensor& gradient() const { return gradient_; }
  at::Tensor gathered_gradient() const;
  const at::Tensor& target_parameters() const { return target_; }
  const Adam& adam() const { return adam_; }

  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/parameters", parameters_);
    if (target_.defined()) f(owner + "/target", target_);
    adam_.each_buffer(owner, f);
    ++version_;
  }

 private:
  Network(Mlp mlp, bool single, const AdamOptions& adam, bool with_target, const at::Device& device, at::Generator init,
          at::ScalarType type);
  // Checks the size before anything is allocated.
  static void require_memory(std::uint64_t bytes);
  template <class Options>
  static const Options& that_fits(const Options& h, std::int64_t inputs, std::int64_t members, const head_layout& top,
                                  bool with_target) {
    require_memory(network_bytes(h, inputs, members, top, with_target));
    return h;
  }
  std::int64_t all() const { return mlp_.members(); }
  bool on_kernels(const at::Tensor& x) const;

  static const at::Tensor& several(const at::Tensor& state, const at::Tensor& actions);

  void check_apart(const at::Tensor& x, std::int64_t min, std::int64_t max) const;

  // Memory for `out`, and the conversion from (N, rows, outputs) to its axes.
  at::Tensor empty(const at::Tensor& state, const at::Tensor& action, std::int64_t members) const;
  at::Tensor shape(at::Tensor out, const at::Tensor& action) const;

  at::Tensor on_kernels(const at::Tensor& parameters, const at::Tensor& gradient, const at::Tensor& state,
                        const at::Tensor& action, std::shared_ptr<MlpTrace> trace, std::int64_t members,
                        const at::Tensor& other = {}, const at::Tensor& other_out = {}) const;
  at::Tensor apart_on_kernels(const at::Tensor& gradient, const at::Tensor& x, std::shared_ptr<MlpTrace> trace) const;
  at::Tensor constant(const at::Tensor& parameters, const Mlp::views& v, const at::Tensor& state,
                      const at::Tensor& action) const;
  head<at::Tensor> fixed_without_graph(const at::Tensor& state) const;
  // Memory for one pass: one that no graph holds any more, or a new one.
  std::shared_ptr<MlpTrace> trace();
  void bind();

  Mlp mlp_;
  bool single_;
  at::Tensor parameters_, gradient_, target_, anchor_, leaf_, free_leaf_;  // leaves share the parameters' memory
  Mlp::views views_, gradient_views_, target_views_;
  Mlp::views leaf_views_;  // of one residual network: each tensor a leaf, whose gradient is its part of the buffer
  std::vector<std::shared_ptr<MlpTrace>> traces_;
  Adam adam_;
  std::int64_t version_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/network.impl.hpp>
#endif
