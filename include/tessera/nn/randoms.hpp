#pragma once
#include <cstdint>

#include <tessera/nn/device_kernels.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// The random numbers of (seed, stream, index), drawn one tensor after another.  On the CPU they are those of a
/// generator, `nn::generator`.  On other devices number i is a function of (seed, stream, index, i) alone, without a
/// generator, whose seed would be that of the recording where an update is recorded and repeated:
///   z_i = mix(key + i gamma),  key = random_key(seed, stream, index),  mix and gamma those of splitmix64
///   integers:  floor(z / 2) mod n        uniform:  floor(z / 2^40) 2^-24
///   normal:    sqrt(2) erfinv(2 u - 1),  u = (floor(z / 2^11) + 1/2) 2^-53,  in double precision
/// Where a clock runs in this thread, `index` moves along with it.
/// Source: Steele, Lea, Flood 2014 (splitmix64); Salmon et al. 2011 on generators that are functions of a counter.
class Randoms {
 public:
  Randoms(const at::Device& device, std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

  /// Integers in [from, to).
  at::Tensor between(at::IntArrayRef sizes, std::int64_t from, std::int64_t to);
  at::Tensor normal(at::IntArrayRef sizes, const at::TensorOptions& type);
  at::Tensor uniform(at::IntArrayRef sizes, const at::TensorOptions& type);

 private:
  // The next so many z.
  at::Tensor next_bits(std::int64_t count);
  at::Tensor by_kernel(at::Tensor out, DeviceKernels::numbers what, std::int64_t from = 0, std::int64_t to = 0);

  at::Device device_;
  at::Generator generator_;                 // on the CPU
  const DeviceKernels* kernels_ = nullptr;  // elsewhere, if there are any,
  DeviceKernels::Key kernel_key_{};
  at::Tensor key_;               // else, with a clock,
  std::uint64_t fixed_key_ = 0;  // and without
  std::int64_t drawn_ = 0;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/randoms.impl.hpp>
#endif
