#pragma once
#include <cstdint>
#include <string>

#include <tessera/nn/adam.hpp>

namespace tessera::nn {
/// One trainable number with its optimiser: a temperature, a multiplier.
class Scalar {
 public:
  Scalar(double value, const AdamOptions& adam, const at::Device& device, at::ScalarType type = at::kFloat)
      : x_(at::full({1}, value, at::TensorOptions(type).device(device))), g_(at::zeros_like(x_)), adam_(adam, x_) {
    leaf_ = x_.detach().requires_grad_();
    leaf_.mutable_grad() = g_;
  }
  /// Shape (), with gradient.
  at::Tensor value() const { return leaf_.select(0, 0); }
  /// Keeps the number between bounds.
  void clamp(double least, double most) {
    at::NoGradGuard guard;
    x_.clamp_(least, most);
  }
  void apply() { adam_.step(x_, g_); }
  void plan(std::int64_t updates) { adam_.plan(updates); }
  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/value", x_);
    adam_.each_buffer(owner, f);
  }

 private:
  at::Tensor x_, g_, leaf_;
  Adam adam_;
};
}  // namespace tessera::nn
