#pragma once
#include <utility>

#include <tessera/dataset/normalizer.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// The maps of a Normalizer, on tensors of a device.
class Units {
 public:
  explicit Units(Normalizer n) : host_(std::move(n)) {}
  template <class Problem>
  Units(Units&& other, const Problem& on) : Units(std::move(other), on.device) {}
  Units(Units&& other, const at::Device& device);

  const Normalizer& normalizer() const { return host_; }
  /// (B, n) in the task's units -> the learner's.
  at::Tensor observations(const at::Tensor& x) const;
  /// The same without clipping, which would hide that a model's states leave the range of the log.
  at::Tensor imagined_observations(const at::Tensor& x) const;
  /// The learner's actions, clipped to [-1, 1] -> the task's: (B, d) in [low, high]; discrete indices stay as they are.
  at::Tensor actions(const at::Tensor& a) const;
  /// The task's actions -> the learner's, clipped to [-1, 1].
  at::Tensor learner_actions(const at::Tensor& a) const;
  /// log prod_j (high_j - low_j) / 2: of the volume that the task's actions take for each unit of the learner's; 0 of
  /// discrete ones.
  double log_action_volume() const;
  at::Tensor rewards(const at::Tensor& r) const;
  /// The same without the reward limit, which is for logged rewards, not for penalties.
  at::Tensor imagined_rewards(const at::Tensor& r) const;
  // The inverse maps; a clipped number maps to the edge.
  at::Tensor task_observations(const at::Tensor& x) const;
  at::Tensor task_rewards(const at::Tensor& r) const;

 private:
  Normalizer host_;
  at::Tensor shift_, inverse_scale_, low_, half_range_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/units.impl.hpp>
#endif
