#pragma once
#include <tessera/concepts/types.hpp>
#include <tessera/nn/mlp.hpp>

namespace tessera::nn {
/// The slope J of what a single network computes at B states, `out` (B, outputs) and `free`, in its parameters (1,
/// row), by its products.  J v is the slope in u of J^T u, which is linear in u: two reverse passes make a forward one.
/// In plain operations.
class Jacobian {
 public:
  Jacobian(const Mlp& mlp, const at::Tensor& parameters, const at::Tensor& state);

  /// What the network computes.
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
