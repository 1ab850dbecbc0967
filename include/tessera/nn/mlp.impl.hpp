#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include <tessera/nn/mlp.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Mlp::Mlp(const MlpOptions& h, std::int64_t inputs, std::int64_t members, const head_layout& top)
    : h_(h), inputs_(inputs), members_(members), top_(top) {
  std::int64_t in = inputs;
  for (auto out : h.hidden) {
    layers_.push_back(place(in, out, h.layer_norm));
    in = out;
  }
  layers_.push_back(place(in, top.outputs, false));
  free_ = take(top.state_independent);
}

TESSERA_INLINE Mlp::Mlp(const ResidualMlpOptions& h, std::int64_t inputs, std::int64_t members, const head_layout& top)
    : residual_(h), inputs_(inputs), members_(members), top_(top) {
  h_.norm_epsilon = h.norm_epsilon, h_.last_gain = h.last_gain;
  frequencies_ = take(h.frequencies);
  std::int64_t code = 2 * h.frequencies;
  for (const auto out : h.time_hidden) layers_.push_back(place(code, out, false)), code = out;
  layers_.push_back(place(inputs - 1 + code, h.width, false));
  for (std::int64_t b = 0; b < h.blocks; ++b) {
    layers_.push_back(place_after_norm(h.width, h.width * h.expansion));
    layers_.push_back(place(h.width * h.expansion, h.width, false));
  }
  layers_.push_back(place(h.width, top.outputs, false));
  free_ = take(top.state_independent);
}

TESSERA_INLINE std::int64_t Mlp::weights() const {
  std::int64_t sum = 0;
  for (const auto& l : layers_) sum += l.in * l.out;
  return sum;
}

TESSERA_INLINE bool Mlp::norm_last() const { return h_.layer_norm && h_.norm_last; }
TESSERA_INLINE Mlp::views Mlp::views::first(std::int64_t members) const {
  views v = *this;
  v.each([&](at::Tensor& t) {
    if (t.dim() == 3) t = t.narrow(0, 0, members);
  });
  return v;
}

TESSERA_INLINE Mlp::views Mlp::look(const at::Tensor& buffer) const {
  views v;
  for (const auto& l : layers_) {
    layer_view w{
        cut(buffer, l.weight, l.in * l.out).view({members_, l.in, l.out}), column(buffer, l.bias, l.out), {}, {}};
    if (l.gain >= 0) w.gain = column(buffer, l.gain, l.normed), w.shift = column(buffer, l.shift, l.normed);
    v.layers.push_back(std::move(w));
  }
  if (residual_) v.frequencies = column(buffer, frequencies_, residual_->frequencies);
  if (top_.state_independent > 0) v.state_independent = buffer.narrow(1, free_, top_.state_independent).select(0, 0);
  return v;
}

TESSERA_INLINE at::Tensor Mlp::forward(const views& v, const at::Tensor& x) const {
  return forward_widened(v, widen(x));
}
TESSERA_INLINE at::Tensor Mlp::forward_widened(const views& v, at::Tensor z) const {
  if (residual_) return forward_residual(v, z);
  // Not with kernels where it is differentiated: MlpNode does that.
  const auto& weight = v.layers.front().weight;
  if (const auto* const kernels = device_kernels(z);
      kernels && !(at::GradMode::is_enabled() && (z.requires_grad() || weight.requires_grad()))) {
    for (std::size_t i = 0; i + 1 < v.layers.size(); ++i) z = hidden(*kernels, v.layers[i], z, nullptr);
    z = affine(v.layers.back(), z);
    return members_ == 1 ? z.unsqueeze(0) : z;
  }
  for (std::size_t i = 0; i < v.layers.size(); ++i) {
    const auto& l = v.layers[i];
    z = affine(l, z);
    if (i + 1 == v.layers.size()) break;
    const auto norm = [&] { return scale(l, at::layer_norm(z, {z.size(-1)}, {}, {}, h_.norm_epsilon)); };
    if (l.gain.defined() && !h_.norm_last) z = norm();
    z = activate(z);
    if (l.gain.defined() && h_.norm_last) z = norm();
  }
  return members_ == 1 ? z.unsqueeze(0) : z;
}

TESSERA_INLINE at::Tensor Mlp::forward_residual(const views& v, const at::Tensor& x) const {
  auto l = v.layers.begin();
  const auto n = inputs_ - 1;
  const auto phase =
      x.narrow(-1, n, 1) * (members_ == 1 ? first(v.frequencies) : v.frequencies) * (2 * std::numbers::pi);
  auto code = at::cat({phase.cos(), phase.sin()}, -1);
  for (std::size_t i = 0; i < residual_->time_hidden.size(); ++i) {
    if (i > 0) code = at::mish(code);
    code = affine(*l++, code);
  }
  auto z = affine(*l++, at::cat({x.narrow(-1, 0, n), code}, -1));
  for (std::int64_t b = 0; b < residual_->blocks; ++b) {
    const auto &inner = *l++, &outer = *l++;
    const auto y = scale(inner, at::layer_norm(z, {z.size(-1)}, {}, {}, h_.norm_epsilon));
    z = z + affine(outer, at::mish(affine(inner, y)));
  }
  z = affine(*l, at::mish(z));
  return members_ == 1 ? z.unsqueeze(0) : z;
}

TESSERA_INLINE at::Tensor Mlp::widen(const at::Tensor& x) const {
  return members_ == 1 ? x : x.unsqueeze(0).expand({members_, x.size(0), x.size(1)});
}
TESSERA_INLINE at::Tensor Mlp::affine(const layer_view& l, const at::Tensor& z) const {
  // A single network's bias as one row of numbers, which a GPU adds in the product's own launch.
  return members_ == 1 ? at::addmm(first(first(l.bias)), z, first(l.weight)) : at::baddbmm(l.bias, z, l.weight);
}
TESSERA_INLINE at::Tensor Mlp::product(const layer_view& l, const at::Tensor& z) const {
  return members_ == 1 ? at::mm(z, first(l.weight)) : at::bmm(z, l.weight);
}
TESSERA_INLINE bool Mlp::rectifies_at_once(const layer_view& l) const {
  return members_ == 1 && h_.activation == tessera::activation::relu && !l.gain.defined();
}
TESSERA_INLINE at::Tensor Mlp::rectified(const layer_view& l, const at::Tensor& z) const {
  return at::_addmm_activation(first(first(l.bias)), z, first(l.weight));
}
TESSERA_INLINE at::Tensor Mlp::scale(const layer_view& l, const at::Tensor& y) const {
  return gained(l, y) + (members_ == 1 ? first(l.shift) : l.shift);
}
TESSERA_INLINE at::Tensor Mlp::gained(const layer_view& l, const at::Tensor& y) const {
  return y * (members_ == 1 ? first(l.gain) : l.gain);
}
TESSERA_INLINE at::Tensor Mlp::activate(const at::Tensor& z) const {
  switch (h_.activation) {
    case tessera::activation::relu:
      return at::relu(z);
    case tessera::activation::gelu:
      return at::gelu(z, "tanh");
    case tessera::activation::tanh:
      return at::tanh(z);
    case tessera::activation::silu:
      return at::silu(z);
  }
  return z;
}

TESSERA_INLINE bool Mlp::derivative_needs_output() const {
  return h_.activation == activation::relu || h_.activation == activation::tanh;
}
TESSERA_INLINE at::Tensor Mlp::activation_backward(const at::Tensor& g, const at::Tensor& kept) const {
  switch (h_.activation) {
    case tessera::activation::relu:
      return at::threshold_backward(g, kept, 0);
    case tessera::activation::gelu:
      return at::gelu_backward(g, kept, "tanh");
    case tessera::activation::tanh:
      return at::tanh_backward(g, kept);
    case tessera::activation::silu:
      return at::silu_backward(g, kept);
  }
  return g;
}

TESSERA_INLINE DeviceKernels::Norm Mlp::norm_of(const layer_view& l) const {
  return {l.bias, l.gain, l.shift, h_.activation, h_.norm_last, h_.norm_epsilon};
}
TESSERA_INLINE at::Tensor Mlp::hidden(const DeviceKernels& kernels, const layer_view& l, const at::Tensor& z,
                                      std::vector<at::Tensor>* kept) const {
  if (rectifies_at_once(l)) {
    const auto a = rectified(l, z);
    if (kept) kept->push_back(a);
    return a;
  }
  const auto x = product(l, z);
  if (!l.gain.defined()) {
    const bool over = !kept || derivative_needs_output();
    const auto a = over ? x : at::empty_like(x);
    kernels.bias_activation(x, a, l.bias, h_.activation);
    if (kept) kept->push_back(x);
    return a;
  }
  at::Tensor a = x, mean, inverse;
  if (kept) {
    a = at::empty_like(x), mean = at::empty({x.numel() / x.size(-1)}, x.options()), inverse = at::empty_like(mean);
    kept->insert(kept->end(), {x, mean, inverse});
  }
  kernels.norm(x, a, mean, inverse, norm_of(l));
  return a;
}
TESSERA_INLINE at::Tensor Mlp::hidden_backward(const DeviceKernels& kernels, const layer_view& l, const at::Tensor& g,
                                               const at::Tensor* kept, const layer_view* into) const {
  if (!l.gain.defined())
    return kernels.activation_backward(g, kept[0], h_.activation, into ? into->bias : at::Tensor());
  DeviceKernels::Norm gradient;
  if (into) gradient = norm_of(*into);
  return kernels.norm_backward(g, kept[0], kept[1], kept[2], norm_of(l), into ? &gradient : nullptr);
}

TESSERA_INLINE at::Tensor Mlp::through(const layer_view& l, const at::Tensor& g) const {
  return members_ == 1 ? at::mm(g, first(l.weight).t()) : at::bmm(g, l.weight.transpose(1, 2));
}
TESSERA_INLINE at::Tensor Mlp::narrow_gradient(const at::Tensor& g) const { return members_ == 1 ? g : g.sum(0); }
TESSERA_INLINE void Mlp::add_affine_gradient(layer_view& into, const at::Tensor& h, const at::Tensor& g) const {
  add_weight_gradient(into, h, g);
  if (const auto* const kernels = device_kernels(g)) kernels->add_row_sums(into.bias, g);
  else if (members_ == 1) into.bias.select(0, 0).add_(g.sum(0, true));
  else into.bias.add_(g.sum(1, true));
}
TESSERA_INLINE void Mlp::add_weight_gradient(layer_view& into, const at::Tensor& h, const at::Tensor& g) const {
  if (members_ == 1) into.weight.select(0, 0).addmm_(h.t(), g);
  else into.weight.baddbmm_(h.transpose(1, 2), g);
}

TESSERA_INLINE void Mlp::add_scale_gradient(layer_view& into, const at::Tensor& g, const at::Tensor& y) const {
  const auto sum = [&](const at::Tensor& t) { return members_ == 1 ? t.sum(0).view({1, 1, -1}) : t.sum(1, true); };
  into.gain.add_(sum(g * y));
  into.shift.add_(sum(g));
}

TESSERA_INLINE void Mlp::initialize(at::Tensor& buffer, at::Generator g) const {
  at::NoGradGuard guard;
  buffer.zero_();
  auto v = look(buffer);
  for (std::size_t i = 0; i < v.layers.size(); ++i) {
    auto& l = v.layers[i];
    const bool last = i + 1 == v.layers.size();
    const double gain = last ? h_.last_gain : 1.0;
    for (std::int64_t n = 0; n < members_; ++n) {
      auto w = l.weight.select(0, n);
      if (h_.init == initialization::orthogonal) {
        w.copy_(orthogonal(w.size(0), w.size(1), g) * (std::sqrt(2.0) * gain));
      } else {
        const double bound = 1.0 / std::sqrt(double(w.size(0)));
        w.copy_(at::empty(w.sizes(), at::kFloat).uniform_(-bound, bound, g) * gain);
        auto b = l.bias.select(0, n);
        b.copy_(at::empty(b.sizes(), at::kFloat).uniform_(-bound, bound, g) * gain);
        if (h_.init == initialization::biased && !last) b.fill_(0.1);
      }
      if (last && h_.last_bound > 0)
        for (auto t : {w, l.bias.select(0, n)})
          t.copy_(at::empty(t.sizes(), at::kFloat).uniform_(-h_.last_bound, h_.last_bound, g));
    }
    if (l.gain.defined()) l.gain.fill_(1);
  }
  if (v.frequencies.defined()) v.frequencies.copy_(at::empty(v.frequencies.sizes(), at::kFloat).normal_(0, 0.2, g));
  if (v.state_independent.defined()) v.state_independent.fill_(top_.state_independent_init);
}

TESSERA_INLINE std::int64_t Mlp::take(std::int64_t count) {
  const auto at = row_;
  row_ += (count + 15) / 16 * 16;
  return at;
}

TESSERA_INLINE Mlp::layer Mlp::place(std::int64_t in, std::int64_t out, bool norm) {
  layer l{in, out, take(in * out), take(out)};
  if (norm) l.gain = take(out), l.shift = take(out), l.normed = out;
  return l;
}
// LayerNorm of the input.
TESSERA_INLINE Mlp::layer Mlp::place_after_norm(std::int64_t in, std::int64_t out) {
  layer l{in, out, take(in * out), take(out)};
  l.gain = take(in), l.shift = take(in), l.normed = in;
  return l;
}

TESSERA_INLINE at::Tensor Mlp::cut(const at::Tensor& buffer, std::int64_t from, std::int64_t count) const {
  return buffer.narrow(1, from, count);
}
TESSERA_INLINE at::Tensor Mlp::column(const at::Tensor& buffer, std::int64_t from, std::int64_t count) const {
  return cut(buffer, from, count).unsqueeze(1);
}
TESSERA_INLINE at::Tensor Mlp::first(const at::Tensor& t) { return t.select(0, 0); }
TESSERA_INLINE at::Tensor Mlp::orthogonal(std::int64_t rows, std::int64_t cols, at::Generator g) {
  auto a = at::empty({std::max(rows, cols), std::min(rows, cols)}, at::kFloat).normal_(0, 1, g);
  auto [q, r] = at::linalg_qr(a);
  q = q * r.diagonal().sign();
  return rows >= cols ? q : q.t();
}
}  // namespace tessera::nn
