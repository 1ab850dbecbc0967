#pragma once
#include <vector>

#include <tessera/nn/mlp_node.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE at::Tensor MlpNode::forward(torch::autograd::AutogradContext* ctx, const at::Tensor& x,
                                           const at::Tensor& /*anchor*/, const Mlp* mlp, const Mlp::views* v,
                                           Mlp::views* gradient, const at::Tensor* leaf) {
  std::vector<at::Tensor> kept;  // for each layer: its input, and what the derivative of its activation needs
  at::Tensor z = mlp->widen(x);
  const auto* const kernels = device_kernels(x);
  for (std::size_t i = 0; i < v->layers.size(); ++i) {
    const auto& l = v->layers[i];
    kept.push_back(z);
    const bool last = i + 1 == v->layers.size();
    if (!last && kernels) {
      z = mlp->hidden(*kernels, l, z, &kept);
      continue;
    }
    if (!last && mlp->rectifies_at_once(l)) {
      z = mlp->rectified(l, z);
      kept.push_back(z);
      continue;
    }
    z = mlp->affine(l, z);
    if (last) break;
    const auto norm = [&] {
      kept.push_back(z);
      auto [y, mean, rstd] = at::native_layer_norm(z, {z.size(-1)}, {}, {}, mlp->norm_epsilon());
      kept.insert(kept.end(), {mean, rstd, y});
      z = mlp->scale(l, y);
    };
    if (l.gain.defined() && !mlp->norm_last()) norm();
    const auto a = mlp->activate(z);
    kept.push_back(mlp->derivative_needs_output() ? a : z);
    z = a;
    if (l.gain.defined() && mlp->norm_last()) norm();
  }
  kept.push_back(x);
  ctx->save_for_backward(kept);
  ctx->saved_data["leaf"] = reinterpret_cast<std::int64_t>(leaf);
  ctx->saved_data["mlp"] = reinterpret_cast<std::int64_t>(mlp);
  ctx->saved_data["views"] = reinterpret_cast<std::int64_t>(v);
  ctx->saved_data["gradient"] = reinterpret_cast<std::int64_t>(gradient);
  ctx->saved_data["input"] = x.requires_grad();
  return mlp->members() == 1 ? z.unsqueeze(0) : z;
}

TESSERA_INLINE torch::autograd::variable_list MlpNode::backward(torch::autograd::AutogradContext* ctx,
                                                                torch::autograd::variable_list grads) {
  const auto* mlp = reinterpret_cast<const Mlp*>(ctx->saved_data["mlp"].toInt());
  const auto* v = reinterpret_cast<const Mlp::views*>(ctx->saved_data["views"].toInt());
  auto* gradient = reinterpret_cast<Mlp::views*>(ctx->saved_data["gradient"].toInt());
  const bool input = ctx->saved_data["input"].toBool();
  const auto kept = ctx->get_saved_variables();
  std::size_t k = kept.size() - 1;
  if (at::GradMode::is_enabled()) {
    TORCH_CHECK(input,
                "the gradient of a network's parameters cannot be differentiated again; differentiate the input's");
    const auto& leaf = *reinterpret_cast<const at::Tensor*>(ctx->saved_data["leaf"].toInt());
    return {
        differentiable_gradient<1>(*mlp, leaf, mlp->members(), {kept.back()}, {true}, grads[0])[0], {}, {}, {}, {}, {}};
  }

  at::Tensor g = mlp->members() == 1 ? grads[0].squeeze(0) : grads[0];
  const auto* const kernels = device_kernels(g);
  for (std::size_t i = v->layers.size(); i-- > 0;) {
    const auto& l = v->layers[i];
    const bool hidden = i + 1 < v->layers.size();
    if (hidden && kernels) {
      k -= mlp->kept(l);
      g = mlp->hidden_backward(*kernels, l, g, &kept[k], gradient ? &gradient->layers[i] : nullptr);
    } else if (hidden) {
      const auto through_norm = [&] {
        const auto &y = kept[k - 1], &rstd = kept[k - 2], &mean = kept[k - 3], &z = kept[k - 4];
        k -= 4;
        if (gradient) mlp->add_scale_gradient(gradient->layers[i], g, y);
        g = std::get<0>(at::native_layer_norm_backward(mlp->gained(l, g), z, {z.size(-1)}, mean, rstd, {}, {},
                                                       {true, false, false}));
      };
      if (l.gain.defined() && mlp->norm_last()) through_norm();
      g = mlp->activation_backward(g, kept[--k]);
      if (l.gain.defined() && !mlp->norm_last()) through_norm();
    }
    const auto& h = kept[--k];
    if (gradient && hidden && kernels) mlp->add_weight_gradient(gradient->layers[i], h, g);
    else if (gradient) mlp->add_affine_gradient(gradient->layers[i], h, g);
    if (i > 0 || input) g = mlp->through(l, g);
  }
  return {input ? mlp->narrow_gradient(g) : at::Tensor(), {}, {}, {}, {}, {}};
}
}  // namespace tessera::nn
