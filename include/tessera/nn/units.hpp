#pragma once
#include <utility>

#include <tessera/data/normalizer.hpp>
#include <tessera/nn/torch.hpp>

namespace tessera::nn {
/// A Normalizer's maps on a device's tensors.
class Units {
 public:
  explicit Units(Normalizer n) : host_(std::move(n)) {}
  template <class Problem>
  Units(Units&& other, const Problem& on) : host_(std::move(other.host_)) {
    auto put = [&](const std::vector<float>& v) {
      return at::tensor(at::ArrayRef<float>(v), at::kFloat).to(on.device);
    };
    shift_ = put(host_.observation_shift);
    inverse_scale_ = put(host_.observation_scale).reciprocal();
    if (!host_.action_low.empty()) {
      low_ = put(host_.action_low);
      half_range_ = (put(host_.action_high) - low_) / 2;
    }
  }

  const Normalizer& normalizer() const { return host_; }
  /// (B, n) in the task's units -> the learner's.
  at::Tensor observations(const at::Tensor& x) const {
    const auto y = imagined_observations(x);
    return host_.observation_clip > 0 ? y.clamp(-host_.observation_clip, host_.observation_clip) : y;
  }
  /// The same without a clip, which would hide that a model's states leave the range of the log.
  at::Tensor imagined_observations(const at::Tensor& x) const { return (x - shift_) * inverse_scale_; }
  /// Learner's actions, clipped to [-1, 1] -> the task's: (B, d) in [low, high]; discrete indices are themselves.
  at::Tensor actions(const at::Tensor& a) const { return low_.defined() ? low_ + (a.clamp(-1, 1) + 1) * half_range_ : a; }
  /// The task's actions -> the learner's, clipped to [-1, 1].
  at::Tensor learner_actions(const at::Tensor& a) const {
    return low_.defined() ? ((a - low_) / half_range_ - 1).clamp(-1, 1) : a;
  }
  at::Tensor rewards(const at::Tensor& r) const {
    return imagined_rewards(host_.reward_limit > 0 ? r.clamp(-host_.reward_limit, host_.reward_limit) : r);
  }
  /// The same without a limit, which is of logged rewards, not of penalties.
  at::Tensor imagined_rewards(const at::Tensor& r) const { return r * host_.reward_scale + host_.reward_shift; }
  // The inverse maps; of what was clipped, the edge.
  at::Tensor task_observations(const at::Tensor& x) const { return x / inverse_scale_ + shift_; }
  at::Tensor task_rewards(const at::Tensor& r) const { return (r - host_.reward_shift) / host_.reward_scale; }

 private:
  Normalizer host_;
  at::Tensor shift_, inverse_scale_, low_, half_range_;
};
}  // namespace tessera::nn
