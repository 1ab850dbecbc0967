#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/nn/tensor.hpp>
#include <tessera/options/network.hpp>

namespace tessera::nn {
/// Adam over one flat buffer: parameters, gradient and both moments are read and written in one pass, which
/// also clears the gradient.
///   g <- g min(1, c / (|g| + 1e-6))                    with max_gradient_norm c > 0
///   g <- g + w x,  or, decoupled,  x <- x - lr_t w x   with weight_decay w > 0
///   m <- b1 m + (1-b1) g,   v <- b2 v + (1-b2) g^2
///   x <- x - lr_t * (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
///   lr_t = lr, or lr (1 + cos(pi min(t-1, T)/T)) / 2 with cosine_steps T, which may be the run's updates
/// Where it is not float32 on the CPU, the number of steps is on the device, as a step may be recorded there and
/// repeated.
/// Source: Kingma, Ba 2015, algorithm 1; decoupled decay: Loshchilov, Hutter 2019, algorithm 2.  Equal to
/// torch::optim's Adam and AdamW, and to clip_grad_norm_.
class Adam {
 public:
  Adam() = default;
  Adam(const AdamOptions& h, const at::Tensor& parameters);

  /// `g` (S, ...) holds the gradient as S summands, one for each task that gathered a part; x is (...).  With `target`,
  /// the target moves toward the new x in the same pass:  target <- rate x + (1 - rate) target.
  void step(at::Tensor& x, at::Tensor& g, at::Tensor* target = nullptr, double rate = 0);

  /// The step size of the step after `done` steps.
  double learning_rate(std::int64_t done) const;
  std::int64_t steps() const;
  /// Tells how many updates the run has, for a decay that lasts as long; 0: unknown, and the step size does not decay.
  void plan(std::int64_t updates) { run_ = updates; }
  /// Clears the moments and the step count.
  void restart();

  void each_buffer(const std::string& owner, auto&& f) {
    f(owner + "/first_moment", m_);
    f(owner + "/second_moment", v_);
    const auto made = steps_ = steps();
    f(owner + "/steps", steps_);
    if (steps_ != made) set_steps(steps_);
  }

 private:
  // A norm that is NaN must spoil the whole gradient, as it does in torch: std::min returns its first argument when
  // that is NaN.
  double clip_factor(double norm) const { return std::min(h_.max_gradient_norm / (norm + 1e-6), 1.0); }
  // Adds the parts up in the first one, and returns the squared norm of the sum; the order does not depend on the
  // number of threads.
  double gathered_square(float* g, std::int64_t n, std::int64_t parts);

  // The step in libtorch's operations, none of which needs a number of the host that changes.
  void step_on_device(at::Tensor& x, at::Tensor& g, at::Tensor* target, double rate);
  void set_steps(std::int64_t steps);
  // T of the decay; 0: the step size does not decay.
  std::int64_t cosine_length() const;

  AdamOptions h_;
  at::Tensor m_, v_;
  // On the device, in double precision: the number of steps, as many times as its kernels count them, and (b1, b2).
  at::Tensor t_, betas_;
  std::int64_t steps_ = 0, run_ = 0;
  std::vector<double> squares_;
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/adam.impl.hpp>
#endif
