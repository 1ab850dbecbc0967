#pragma once
#include <cstdint>

#include <tessera/nn/tensor.hpp>

// TESSERA_CUDA_KERNELS: set by the build where nvcc has compiled cuda_kernels.cu into tessera::compiled.
#if TESSERA_CUDA_KERNELS
namespace tessera::nn::cuda {
/// One launch in place of `Randoms`' operations: out[i] from number first + i of the key, the same numbers.  With
/// `now`, an integer on the device, the key is the last round of random_key, of key xor (now + ahead).
enum class drawn { normal, uniform, whole };
struct DrawKey {
  std::uint64_t key = 0;
  at::Tensor now{};
  std::int64_t ahead = 0;
};
void draw(const at::Tensor& out, drawn what, const DrawKey& key, std::int64_t first, std::int64_t from,
          std::int64_t to);

/// One launch in place of the operations of `Adam::step` on float32 numbers whose gradient is one part without a bound
/// on its norm; t is the number of this step, on the device.  `target` may be undefined.
struct AdamStep {
  double beta1, beta2, learning_rate, epsilon, l2, decay;
  std::int64_t cosine_steps;  ///< 0: no decay
  double polyak;
};
void adam(const at::Tensor& x, const at::Tensor& g, const at::Tensor& m, const at::Tensor& v, const at::Tensor& target,
          const at::Tensor& t, const AdamStep& h);
}  // namespace tessera::nn::cuda
#endif
