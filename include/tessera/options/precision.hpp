#pragma once
#include <cstdint>

namespace tessera {
/// What a matrix product's operands are rounded to.  Its sums, and all outside of products (parameters, moments,
/// gradients, losses, targets), are float32 in any case.
enum class precision : std::uint8_t {
  float32,  ///< nothing is rounded
  bf16,     ///< bfloat16, 8 bits of mantissa: twice the products on a CPU with AVX512_BF16, more with AMX
};
}  // namespace tessera
