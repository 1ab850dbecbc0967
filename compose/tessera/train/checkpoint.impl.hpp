#pragma once
#include <string>

#include <tessera/support/inline.hpp>
#include <tessera/train/checkpoint.hpp>

namespace tessera::detail {
TESSERA_INLINE safetensors::Type saved_type(const at::Tensor& x) {
  switch (x.scalar_type()) {
    case at::kDouble:
      return safetensors::Type::f64;
    case at::kLong:
      return safetensors::Type::i64;
    case at::kByte:
    case at::kBool:
      return safetensors::Type::u8;
    default:
      return safetensors::Type::f32;
  }
}

TESSERA_INLINE at::ScalarType tensor_type(safetensors::Type type) {
  switch (type) {
    case safetensors::Type::f64:
      return at::kDouble;
    case safetensors::Type::i64:
      return at::kLong;
    case safetensors::Type::u8:
      return at::kByte;
    default:
      return at::kFloat;
  }
}

TESSERA_INLINE at::Tensor on_host(const at::Tensor& x) {
  return x.detach().to(at::kCPU, tensor_type(saved_type(x))).contiguous();
}
TESSERA_INLINE std::string fault_of(const std::string& name, const at::Tensor& host) {
  if (host.scalar_type() == at::kFloat) return fault_of(name, host.data_ptr<float>(), std::size_t(host.numel()));
  return host.is_floating_point() && !at::isfinite(host).all().item<bool>() ? name + " has a number that is not finite"
                                                                            : "";
}
}  // namespace tessera::detail
