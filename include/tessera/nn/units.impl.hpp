#pragma once
#include <cmath>
#include <cstddef>
#include <utility>

#include <tessera/nn/units.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Units::Units(Units&& other, const at::Device& device) : host_(std::move(other.host_)) {
  auto put = [&](const std::vector<float>& v) { return at::tensor(at::ArrayRef<float>(v), at::kFloat).to(device); };
  shift_ = put(host_.observation_shift);
  inverse_scale_ = put(host_.observation_scale).reciprocal();
  if (!host_.action_low.empty()) {
    low_ = put(host_.action_low);
    half_range_ = (put(host_.action_high) - low_) / 2;
  }
}

TESSERA_INLINE at::Tensor Units::observations(const at::Tensor& x) const {
  const auto y = imagined_observations(x);
  return host_.observation_clip > 0 ? y.clamp(-host_.observation_clip, host_.observation_clip) : y;
}

TESSERA_INLINE at::Tensor Units::imagined_observations(const at::Tensor& x) const {
  return (x - shift_) * inverse_scale_;
}
TESSERA_INLINE at::Tensor Units::actions(const at::Tensor& a) const {
  return low_.defined() ? low_ + (a.clamp(-1, 1) + 1) * half_range_ : a;
}
TESSERA_INLINE at::Tensor Units::learner_actions(const at::Tensor& a) const {
  return low_.defined() ? ((a - low_) / half_range_ - 1).clamp(-1, 1) : a;
}
TESSERA_INLINE double Units::log_action_volume() const {
  double sum = 0;
  for (std::size_t j = 0; j < host_.action_low.size(); ++j)
    sum += std::log((double(host_.action_high[j]) - double(host_.action_low[j])) / 2);
  return sum;
}
TESSERA_INLINE at::Tensor Units::rewards(const at::Tensor& r) const {
  return imagined_rewards(host_.reward_limit > 0 ? r.clamp(-host_.reward_limit, host_.reward_limit) : r);
}
TESSERA_INLINE at::Tensor Units::imagined_rewards(const at::Tensor& r) const {
  return r * host_.reward_scale + host_.reward_shift;
}
TESSERA_INLINE at::Tensor Units::task_observations(const at::Tensor& x) const { return x / inverse_scale_ + shift_; }
TESSERA_INLINE at::Tensor Units::task_rewards(const at::Tensor& r) const {
  return (r - host_.reward_shift) / host_.reward_scale;
}
}  // namespace tessera::nn
