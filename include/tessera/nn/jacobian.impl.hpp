#pragma once
#include <tessera/nn/jacobian.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Jacobian::Jacobian(const Mlp& mlp, const at::Tensor& parameters, const at::Tensor& state) : mlp_(&mlp) {
  TORCH_CHECK(mlp.members() == 1, "the Jacobian is that of a single network, not of ", mlp.members());
  at::AutoGradMode on(true);
  leaf_ = parameters.detach().requires_grad_();
  out_ = mlp.forward(mlp.look(leaf_), state).squeeze(0);
  u_ = at::zeros_like(out_).requires_grad_();
  pulled_ = torch::autograd::grad({out_}, {leaf_}, {u_}, true, true).front();
}

TESSERA_INLINE head<at::Tensor> Jacobian::value() const {
  return {out_.detach(), mlp_->look(leaf_.detach()).state_independent};
}
TESSERA_INLINE head<at::Tensor> Jacobian::times(const at::Tensor& v) const {
  return {torch::autograd::grad({pulled_}, {u_}, {v}, true).front(), mlp_->look(v).state_independent};
}
TESSERA_INLINE at::Tensor Jacobian::transposed_times(const head<at::Tensor>& u) const {
  at::NoGradGuard guard;
  auto sum = torch::autograd::grad({out_}, {leaf_}, {u.out}, true).front().clone();
  if (u.state_independent.defined()) mlp_->look(sum).state_independent.add_(u.state_independent);
  return sum;
}
}  // namespace tessera::nn
