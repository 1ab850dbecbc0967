#pragma once
#include <array>
#include <atomic>
#include <cstddef>

#include <tessera/nn/device_kernels.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
using kernels_of_types = std::array<std::atomic<const DeviceKernels*>, c10::COMPILE_TIME_MAX_DEVICE_TYPES>;
inline kernels_of_types& all_device_kernels() {
  static kernels_of_types all{};
#if TESSERA_CUDA_KERNELS
  static const bool once = [] {
    all[std::size_t(c10::DeviceType::CUDA)] = &cuda_kernels();
    return true;
  }();
  (void)once;
#endif
  return all;
}
}  // namespace detail

TESSERA_INLINE const DeviceKernels* device_kernels(c10::DeviceType type) {
  if (type == c10::DeviceType::CPU) return nullptr;
  return detail::all_device_kernels().at(std::size_t(type)).load(std::memory_order_acquire);
}
TESSERA_INLINE const DeviceKernels* device_kernels(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat ? device_kernels(x.device().type()) : nullptr;
}
TESSERA_INLINE void provide_device_kernels(c10::DeviceType type, const DeviceKernels* kernels) {
  detail::all_device_kernels().at(std::size_t(type)).store(kernels, std::memory_order_release);
}
}  // namespace tessera::nn
