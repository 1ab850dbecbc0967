#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <tessera/nn/adam.hpp>
#include <tessera/nn/device_kernels.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Adam::Adam(const AdamOptions& h, const at::Tensor& parameters)
    : h_(h), m_(at::zeros_like(parameters)), v_(at::zeros_like(parameters)) {
  if (parameters.is_cpu() && parameters.scalar_type() == at::kFloat) return;
  const auto options = at::TensorOptions(at::kDouble).device(parameters.device());
  const auto* const kernels = device_kernels(parameters);
  t_ = at::zeros({kernels ? kernels->adam_counters(parameters.numel()) : 1}, options);
  betas_ = at::empty({2}, options);
  betas_.select(0, 0).fill_(h.beta1), betas_.select(0, 1).fill_(h.beta2);
}

TESSERA_INLINE void Adam::step(at::Tensor& x, at::Tensor& g, at::Tensor* target, double rate) {
  if (t_.defined()) return step_on_device(x, g, target, rate);
  const double t = double(++steps_), size = learning_rate(steps_ - 1);
  const double lr = size / (1 - std::pow(h_.beta1, t)), root = std::sqrt(1 - std::pow(h_.beta2, t));
  const double shrink = h_.decoupled ? 1 - size * h_.weight_decay : 1, l2 = h_.decoupled ? 0 : h_.weight_decay;
  float *px = x.data_ptr<float>(), *pg = g.data_ptr<float>(), *pm = m_.data_ptr<float>(), *pv = v_.data_ptr<float>();
  float* const pt = target ? target->data_ptr<float>() : nullptr;
  const std::int64_t n = x.numel(), parts = g.numel() / n;
  const double clip = h_.max_gradient_norm > 0 ? clip_factor(std::sqrt(gathered_square(pg, n, parts))) : 1;
  const kernels::adam_step h{float(h_.beta1),   float(h_.beta2), float(lr), float(1 / root),
                             float(h_.epsilon), float(shrink),   float(l2), float(clip)};
  in_chunks(n, [&](std::int64_t from, std::int64_t count) {
    const kernels::flush_denormals guard;
    kernels::adam(px + from, pg + from, pm + from, pv + from, count, h_.max_gradient_norm > 0 ? 1 : parts, n, h);
    if (pt) kernels::follow(pt + from, px + from, count, float(rate));
  });
}

TESSERA_INLINE void Adam::step_on_device(at::Tensor& x, at::Tensor& g, at::Tensor* target, double rate) {
  at::NoGradGuard guard;
  const auto parts = g.numel() / x.numel();
  const auto length = cosine_length();
  if (const auto* const kernels = device_kernels(x);
      kernels && parts == 1 && t_.numel() == kernels->adam_counters(x.numel())) {
    const double decay = h_.weight_decay;
    return kernels->adam(
        x, g, m_, v_, target ? *target : at::Tensor(), t_,
        {h_.beta1, h_.beta2, h_.learning_rate, h_.epsilon, h_.decoupled ? 0 : decay, h_.decoupled ? decay : 0,
         std::max<std::int64_t>(length, 0), rate, std::max(h_.max_gradient_norm, 0.0)});
  }
  auto sum = parts == 1 ? g.view_as(x) : g.view({parts, x.numel()}).sum(0).view_as(x);
  if (h_.max_gradient_norm > 0) sum.mul_((h_.max_gradient_norm / (sum.norm() + 1e-6)).clamp_max(1));
  // lr_t, on the device if it changes.
  const auto made = t_.select(0, 0);
  at::Tensor size;
  if (length > 0)
    size = ((made.clamp_max(double(length)) * (std::numbers::pi / double(length))).cos_().add_(1))
               .mul_(0.5 * h_.learning_rate);
  t_.add_(1);
  if (h_.weight_decay > 0 && !h_.decoupled) sum.add_(x, h_.weight_decay);
  if (h_.weight_decay > 0 && h_.decoupled) {
    if (size.defined()) x.mul_(1 - size * h_.weight_decay);
    else x.mul_(1 - h_.learning_rate * h_.weight_decay);
  }
  const auto corrections = 1 - at::pow(betas_, made);
  m_.mul_(h_.beta1).add_(sum, 1 - h_.beta1);
  v_.mul_(h_.beta2).addcmul_(sum, sum, 1 - h_.beta2);
  auto below = (v_ / corrections.select(0, 1)).sqrt_().add_(h_.epsilon).mul_(corrections.select(0, 0));
  if (size.defined()) x.sub_(m_ * size / below);
  else x.addcdiv_(m_, below, -h_.learning_rate);
  g.zero_();
  if (target) target->lerp_(x, rate);
}

TESSERA_INLINE std::int64_t Adam::cosine_length() const {
  return h_.cosine_steps == of_the_run ? run_ : h_.cosine_steps;
}
TESSERA_INLINE double Adam::learning_rate(std::int64_t done) const {
  const auto length = cosine_length();
  if (length <= 0) return h_.learning_rate;
  const double part = double(std::min(done, length)) / double(length);
  return h_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * part));
}

TESSERA_INLINE void Adam::restart() {
  m_.zero_(), v_.zero_();
  set_steps(0);
}

TESSERA_INLINE std::int64_t Adam::steps() const {
  return t_.defined() ? std::int64_t(t_.select(0, 0).item<double>()) : steps_;
}
TESSERA_INLINE void Adam::set_steps(std::int64_t steps) {
  steps_ = steps;
  if (t_.defined()) t_.fill_(double(steps));
}

TESSERA_INLINE double Adam::gathered_square(float* g, std::int64_t n, std::int64_t parts) {
  squares_.assign(std::size_t(chunks(n)), 0.0);
  in_chunks(n, [&](std::int64_t from, std::int64_t count) {
    squares_[std::size_t(from / chunk)] = double(kernels::gather(g + from, count, parts, n));
  });
  double sum = 0;
  for (double x : squares_) sum += x;
  return sum;
}
}  // namespace tessera::nn
