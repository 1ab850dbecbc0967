#pragma once

/// The small mathematics of a step, as free functions over any tensor type.
///
/// A function stands here in tensor operations, under `plain`: that is its definition, it is differentiable any number
/// of times, and it runs wherever the tensors are.  The tensors' backend may offer the same function as one node, which
/// computes value and gradient in one pass; the function of the same name in `math` uses that where there is one.
namespace tessera::math {
/// Single-node versions for tensors of type T, specialized by what brings the tensors in (<tessera/torch.hpp>).
template <class T>
struct nodes {};
}  // namespace tessera::math
