#pragma once
#include <tessera/concepts/types.hpp>
#include <tessera/nn/mlp.hpp>

namespace tessera::nn {
/// The Jacobian J of the outputs of a single network at B states, `out` (B, outputs) and `free`, with respect to its
/// parameters (1, row), given by its products.  J v is the derivative in u of J^T u, which is linear in u: two reverse
/// passes make a forward one.  In plain tensor operations.
class Jacobian {
 public:
  Jacobian(const Mlp& mlp, const at::Tensor& parameters, const at::Tensor& state);

  /// The network's outputs.
  head<at::Tensor> value() const;
  /// J v.
  head<at::Tensor> times(const at::Tensor& v) const;
  /// J^T u.
  at::Tensor transposed_times(const head<at::Tensor>& u) const;

 private:
  const Mlp* mlp_;
  at::Tensor leaf_, out_, u_, pulled_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/jacobian.impl.hpp>
#endif
