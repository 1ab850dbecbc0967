// Kernels of libtorch's CUDA devices, compiled where nvcc was found: part of tessera::compiled.
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>

#include <initializer_list>

namespace tessera::nn::cuda {
namespace {
template <class... P, class... A>
void launch(void (*kernel)(P...), dim3 grid, dim3 block, std::initializer_list<at::Tensor> touched, A... arguments) {
  const c10::cuda::CUDAGuard guard(touched.begin()->device());
  kernel<<<grid, block, 0, at::cuda::getCurrentCUDAStream()>>>(P(arguments)...);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}
}  // namespace
}  // namespace tessera::nn::cuda

#include <tessera/nn/cuda_launches.hpp>

namespace tessera::nn {
const DeviceKernels& cuda_kernels() {
  static const cuda::Kernels kernels;
  return kernels;
}
}  // namespace tessera::nn
