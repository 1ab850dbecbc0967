#pragma once
#include <c10/core/InferenceMode.h>

#include <cstdint>

#include <tessera/nn/ranks.hpp>
#include <tessera/nn/scalar.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Scalar::Scalar(double value, const AdamOptions& adam, const at::Device& device, at::ScalarType type) {
  const c10::InferenceMode inference(false);
  x_ = at::full({1}, value, at::TensorOptions(type).device(device)), g_ = at::zeros_like(x_), adam_ = Adam(adam, x_);
  leaf_ = x_.detach().requires_grad_();
  leaf_.mutable_grad() = g_;
}

TESSERA_INLINE at::Tensor Scalar::value() const { return leaf_.select(0, 0); }
TESSERA_INLINE void Scalar::clamp(double min, double max) {
  at::NoGradGuard guard;
  x_.clamp_(min, max);
}

TESSERA_INLINE void Scalar::apply() {
  if (auto* const joint = JointUpdates::here()) joint->before_step(g_);
  adam_.step(x_, g_);
}
TESSERA_INLINE void Scalar::plan(std::int64_t updates) { adam_.plan(updates); }
}  // namespace tessera::nn
