#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include <tessera/nn/adam.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE Adam::Adam(const AdamOptions& h, const at::Tensor& parameters)
    : h_(h), m_(at::zeros_like(parameters)), v_(at::zeros_like(parameters)) {}
TESSERA_INLINE void Adam::step(at::Tensor& x, at::Tensor& g, at::Tensor* target, double rate) {
  const double t = double(++steps_), size = learning_rate(steps_ - 1);
  const double lr = size / (1 - std::pow(h_.beta1, t)), root = std::sqrt(1 - std::pow(h_.beta2, t));
  const double shrink = h_.decoupled ? 1 - size * h_.weight_decay : 1, l2 = h_.decoupled ? 0 : h_.weight_decay;
  if (x.is_cpu() && x.scalar_type() == at::kFloat) {
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
  } else {
    at::NoGradGuard guard;
    auto sum = g.view({-1, x.numel()}).sum(0).view_as(x);
    if (h_.max_gradient_norm > 0) sum.mul_((h_.max_gradient_norm / (sum.norm() + 1e-6)).clamp_max(1));
    if (l2 > 0) sum.add_(x, l2);
    if (shrink < 1) x.mul_(shrink);
    m_.mul_(h_.beta1).add_(sum, 1 - h_.beta1);
    v_.mul_(h_.beta2).addcmul_(sum, sum, 1 - h_.beta2);
    x.addcdiv_(m_, v_.sqrt().div_(root).add_(h_.epsilon), -lr);
    g.zero_();
    if (target) target->lerp_(x, rate);
  }
}

TESSERA_INLINE double Adam::learning_rate(std::int64_t done) const {
  const auto length = h_.cosine_steps == of_the_run ? run_ : h_.cosine_steps;
  if (length <= 0) return h_.learning_rate;
  const double part = double(std::min(done, length)) / double(length);
  return h_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * part));
}

TESSERA_INLINE void Adam::restart() {
  m_.zero_(), v_.zero_();
  steps_ = 0;
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
