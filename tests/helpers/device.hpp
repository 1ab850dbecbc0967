#pragma once
#include <cstdlib>
#include <string>

#include <tessera/nn/backend.hpp>
#include <tessera/nn/device.hpp>

#include "pretend_device.hpp"
#include "tensors.hpp"

namespace support {
/// The device that is compared with the CPU: that of the environment variable TESSERA_TEST_DEVICE (cuda, cuda:1), else
/// the pretended one.
inline at::Device other_device() {
  const char* name = std::getenv("TESSERA_TEST_DEVICE");
  return name != nullptr && *name != 0 ? tessera::nn::device(name) : pretended::begin();
}
/// Whether two results of single precision, one of them the other device's, agree:  |x - y| <= tolerance (largest |y| +
/// |y|).
inline bool same_numbers(const at::Tensor& there, const at::Tensor& here, double tolerance = 1e-5) {
  if (there.sizes() != here.sizes()) return false;
  const auto x = there.detach().to(at::kCPU, at::kDouble), y = here.detach().to(at::kDouble);
  return y.numel() == 0 || ((x - y).abs() <= tolerance * (y.abs().max() + y.abs())).all().item<bool>();
}

/// libtorch, whose noise comes from the CPU whatever the device, so that two devices see the same numbers.
struct same_noise : tessera::torch_backend {
  static tensor draw(tessera::noise kind, std::uint64_t seed, std::int64_t index, std::int64_t draw,
                     std::int64_t columns, const tensor& like) {
    if (kind == tessera::noise::none) return {};
    const auto rows = at::empty({like.size(0), 0}, like.options().device(at::kCPU).requires_grad(false));
    return torch_backend::draw(kind, seed, index, draw, columns, rows).to(like.device());
  }
};
}  // namespace support
