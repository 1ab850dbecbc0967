#pragma once
#include <tessera/concepts/types.hpp>
#include <tessera/nn/mlp.hpp>

namespace tessera::nn {
/// The slope J of what a single network computes at B states, `out` (B, outputs) and `free`, in its parameters (1, row), by its
/// products.  J v is the slope in u of J^T u, which is linear in u: two reverse passes make a forward one.  In plain operations.
class Jacobian {
 public:
  Jacobian(const Mlp& mlp, const at::Tensor& parameters, const at::Tensor& state) : mlp_(&mlp) {
    TORCH_CHECK(mlp.members() == 1, "the Jacobian is that of a single network, not of ", mlp.members());
    at::AutoGradMode on(true);
    leaf_ = parameters.detach().requires_grad_();
    out_ = mlp.forward(mlp.look(leaf_), state).squeeze(0);
    u_ = at::zeros_like(out_).requires_grad_();
    pulled_ = torch::autograd::grad({out_}, {leaf_}, {u_}, true, true).front();
  }

  /// What the network computes.
  head<at::Tensor> value() const { return {out_.detach(), mlp_->look(leaf_.detach()).free}; }
  /// J v.
  head<at::Tensor> times(const at::Tensor& v) const {
    return {torch::autograd::grad({pulled_}, {u_}, {v}, true).front(), mlp_->look(v).free};
  }
  /// J^T u.
  at::Tensor transposed_times(const head<at::Tensor>& u) const {
    at::NoGradGuard guard;
    auto sum = torch::autograd::grad({out_}, {leaf_}, {u.out}, true).front().clone();
    if (u.free.defined()) mlp_->look(sum).free.add_(u.free);
    return sum;
  }

 private:
  const Mlp* mlp_;
  at::Tensor leaf_, out_, u_, pulled_;
};
}  // namespace tessera::nn
