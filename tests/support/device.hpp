#pragma once
#include <torch/version.h>

#include <cstdlib>
#include <optional>
#include <string>

#include <tessera/nn/backend.hpp>
#include <tessera/nn/device.hpp>

#include "support/tensors.hpp"

namespace support {
/// The device that is compared with the CPU: that of the environment variable TESSERA_TEST_DEVICE (cuda, cuda:1).
/// Without it, "meta": tensors of sizes alone, on any machine.  Nothing is computed and nothing compared there, but a tensor that was left
/// on the CPU, or whose memory is read, is an error as on a GPU.  libtorch 1's "meta" knows too few operations: no device there.
inline std::optional<at::Device> other_device() {
  const char* name = std::getenv("TESSERA_TEST_DEVICE");
  if (name != nullptr && *name != 0 && std::string(name) != "meta") return tessera::nn::device(name);
  if (TORCH_VERSION_MAJOR >= 2) return at::Device(at::kMeta);
  WARN("skipped: TESSERA_TEST_DEVICE names no device");
  return std::nullopt;
}
inline bool has_numbers(const at::Device& device) { return device != at::Device(at::kMeta); }

/// Whether two results of single precision, one of them the other device's, agree:  |x - y| <= tolerance (largest |y| + |y|).
inline bool same_numbers(const at::Tensor& there, const at::Tensor& here, double tolerance = 1e-5) {
  if (there.sizes() != here.sizes()) return false;
  if (!has_numbers(there.device())) return true;
  const auto x = there.detach().to(at::kCPU, at::kDouble), y = here.detach().to(at::kDouble);
  return y.numel() == 0 || ((x - y).abs() <= tolerance * (y.abs().max() + y.abs())).all().item<bool>();
}

/// libtorch, whose noise comes from the CPU whatever the device, so that two devices see the same numbers.
struct same_noise : tessera::torch_backend {
  static tensor draw(tessera::noise kind, std::uint64_t seed, std::int64_t index, std::int64_t draw, std::int64_t columns, const tensor& like) {
    if (kind == tessera::noise::none) return {};
    const auto rows = at::empty({like.size(0), 0}, like.options().device(at::kCPU).requires_grad(false));
    return torch_backend::draw(kind, seed, index, draw, columns, rows).to(like.device());
  }
};
}  // namespace support
