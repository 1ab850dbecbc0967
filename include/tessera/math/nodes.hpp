#pragma once

/// The small mathematics of a step, as free functions over any tensor type.
///
/// The definition of each function is the one under `plain`, in tensor operations: it can be differentiated any number
/// of times and runs wherever the tensors are.  The tensors' backend may offer the same function as a single autograd
/// node, which computes value and gradient in one pass; the function of the same name in `math` uses that node where
/// there is one.
namespace tessera::math {
/// Single-node versions for tensors of type T, specialized by what brings the tensors in (<tessera/torch.hpp>).
template <class T>
struct nodes {};
}  // namespace tessera::math
