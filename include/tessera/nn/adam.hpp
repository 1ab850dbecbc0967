#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/options.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// Adam over one flat buffer: parameters, gradient and both moments are read and written in one pass, which
/// also clears the gradient.
///   m <- b1 m + (1-b1) g,   v <- b2 v + (1-b2) g^2
///   x <- x - lr_t * (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
///   lr_t = lr, or lr (1 + cos(pi min(t-1, T)/T)) / 2 with cosine_steps T
/// Source: Kingma, Ba 2015, algorithm 1.  Equal to torch::optim::Adam.
class Adam {
 public:
  Adam() = default;
  Adam(const AdamOptions& h, const at::Tensor& parameters)
      : h_(h), m_(at::zeros_like(parameters)), v_(at::zeros_like(parameters)) {}

  /// g (S, ...) holds the gradient in S parts, x being (...): what S tasks have gathered.
  void step(at::Tensor& x, at::Tensor& g) {
    const double t = double(++steps_);
    const double lr = learning_rate(steps_ - 1) / (1 - std::pow(h_.beta1, t));
    const double root = std::sqrt(1 - std::pow(h_.beta2, t));
    if (x.is_cpu() && x.scalar_type() == at::kFloat) {
      float *px = x.data_ptr<float>(), *pg = g.data_ptr<float>(), *pm = m_.data_ptr<float>(), *pv = v_.data_ptr<float>();
      const kernels::adam_step h{float(h_.beta1), float(h_.beta2), float(lr), float(1 / root), float(h_.epsilon)};
      const std::int64_t n = x.numel(), parts = g.numel() / n;
      in_chunks(n, [&](std::int64_t from, std::int64_t count) {
        const kernels::flush_denormals guard;
        kernels::adam(px + from, pg + from, pm + from, pv + from, count, parts, n, h);
      });
    } else {
      at::NoGradGuard guard;
      const auto sum = g.view({-1, x.numel()}).sum(0).view_as(x);
      m_.mul_(h_.beta1).add_(sum, 1 - h_.beta1);
      v_.mul_(h_.beta2).addcmul_(sum, sum, 1 - h_.beta2);
      x.addcdiv_(m_, v_.sqrt().div_(root).add_(h_.epsilon), -lr);
      g.zero_();
    }
  }

  /// The step size of the step that follows `done` steps.
  double learning_rate(std::int64_t done) const {
    if (h_.cosine_steps <= 0) return h_.learning_rate;
    const double part = double(std::min(done, h_.cosine_steps)) / double(h_.cosine_steps);
    return h_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * part));
  }
  std::int64_t steps() const { return steps_; }

  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/first_moment", m_);
    f(owner + "/second_moment", v_);
    f(owner + "/steps", steps_);
  }

 private:
  AdamOptions h_;
  at::Tensor m_, v_;
  std::int64_t steps_ = 0;
};
}  // namespace tessera::nn
