#pragma once
#include <cstdint>
#include <string>

#include <tessera/nn/adam.hpp>

namespace tessera::nn {
/// One trainable number with its optimizer: a temperature, a multiplier.
class Scalar {
 public:
  Scalar(double value, const AdamOptions& adam, const at::Device& device, at::ScalarType type = at::kFloat);
  /// Shape (), with gradient.
  at::Tensor value() const;
  /// Clamps the number to bounds.
  void clamp(double min, double max);
  void apply();
  void plan(std::int64_t updates);
  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/value", x_);
    adam_.each_buffer(owner, f);
  }

 private:
  at::Tensor x_, g_, leaf_;
  Adam adam_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/scalar.impl.hpp>
#endif
