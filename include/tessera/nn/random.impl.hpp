#pragma once
#include <ATen/CPUGeneratorImpl.h>

#include <cstdint>

#include <tessera/nn/random.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
namespace detail {
constexpr std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
}  // namespace detail

TESSERA_INLINE std::uint64_t random_key_before_index(std::uint64_t seed, std::uint64_t stream) {
  return detail::splitmix64(detail::splitmix64(seed) ^ stream);
}
TESSERA_INLINE std::uint64_t random_key(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return detail::splitmix64(random_key_before_index(seed, stream) ^ index);
}

TESSERA_INLINE at::Generator generator(const at::Device& device, std::uint64_t seed, std::uint64_t stream,
                                       std::uint64_t index) {
  thread_local at::Generator cpu = at::detail::createCPUGenerator();
  at::Generator g = device.is_cpu() ? cpu : at::globalContext().defaultGenerator(device);
  g.set_current_seed(random_key(seed, stream, index));
  return g;
}
}  // namespace tessera::nn
