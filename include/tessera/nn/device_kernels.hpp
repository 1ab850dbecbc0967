#pragma once
#include <array>
#include <cstdint>

#include <tessera/nn/tensor.hpp>
#include <tessera/options/network.hpp>

namespace tessera::nn {
/// What a type of device does in one launch, or two, where libtorch's operations take many: an update of small networks
/// costs what its launches cost.  All are of contiguous float32 numbers of one device, repeat to the bit, and may be
/// recorded: they read nothing on the host, and allocate as at::empty does.  Rows (B, W) are of a single network,
/// (N, B, W) of an ensemble, whose parameters (N, 1, W) are a stride apart.  Sums are of a fixed order.
class DeviceKernels {
 public:
  using T = at::Tensor;
  DeviceKernels() = default;
  DeviceKernels(const DeviceKernels&) = delete;
  DeviceKernels& operator=(const DeviceKernels&) = delete;
  virtual ~DeviceKernels() = default;

  /// out[i] from number first + i of the key, those of `Randoms`.  With `current`, an integer on the device, the key is
  /// the last round of random_key, of key xor (current + ahead).
  enum class numbers { normal, uniform, whole };
  struct Key {
    std::uint64_t key = 0;
    T current{};
    std::int64_t ahead = 0;
  };
  virtual void draw(const T& out, numbers what, const Key& key, std::int64_t first, std::int64_t from,
                    std::int64_t to) const = 0;

  /// `Adam::step` of a gradient in one part; `target` may be undefined.  `steps`: how many were made, as many times as
  /// adam_counters says, all of which it moves on.
  struct AdamStep {
    double beta1, beta2, learning_rate, epsilon, l2, decay;
    std::int64_t cosine_steps;  ///< 0: no decay
    double polyak, max_norm;    ///< max_norm 0: no bound
  };
  virtual std::int64_t adam_counters(std::int64_t parameters) const = 0;
  virtual void adam(const T& x, const T& g, const T& m, const T& v, const T& target, const T& steps,
                    const AdamStep& h) const = 0;

  /// out <- f(z + bias), and z <- z + bias, unless `out` is z.
  virtual void bias_activation(const T& z, const T& out, const T& bias, activation f) const = 0;
  /// Returns g f', by what the derivative needs: f's output of relu and tanh, else its input.  Adds its sums over rows
  /// to `bias` if that is defined.
  virtual T activation_backward(const T& g, const T& kept, activation f, const T& bias) const = 0;
  /// into <- into + the sums of g over rows.
  virtual void add_row_sums(const T& into, const T& g) const = 0;

  /// The parameters of a layer with LayerNorm, or where their gradients are added.
  struct Norm {
    T bias, gain, shift;
    activation f;
    bool last;  ///< whether the norm comes after the activation
    double epsilon;
  };
  /// out <- f(norm(z + bias)), or norm(f(z + bias)), with gain and shift, and z <- z + bias, unless `out` is z.  mean
  /// and 1 / deviation of each row, (N B), if these are defined.
  virtual void norm(const T& z, const T& out, const T& mean, const T& inverse, const Norm& layer) const = 0;
  /// Returns the gradient of z, and adds those of the parameters to `into` unless it is null.
  virtual T norm_backward(const T& g, const T& z, const T& mean, const T& inverse, const Norm& layer,
                          const Norm* into) const = 0;

  /// The losses of math/, and their gradients times `top`, a number on the device.
  virtual T squared_td(const T& q, const T& target) const = 0;
  virtual T squared_td_backward(const T& top, const T& q, const T& target) const = 0;
  /// Means of losses of u = q - v: `first` is tau or beta, `second` Gumbel's bound.
  enum class loss { expectile, quantile, gumbel };
  virtual T of_difference(loss what, const T& q, const T& v, double first, double second) const = 0;
  virtual T of_difference_backward(const T& top, loss what, const T& q, const T& v, double first,
                                   double second) const = 0;
  /// factor sum_b w x
  virtual T weighted_sum(const T& w, const T& x, double factor) const = 0;
  virtual T weighted_sum_backward(const T& top, const T& w, double factor) const = 0;
  virtual T min(const T& q) const = 0;
  virtual T min_backward(const T& g, const T& q, const T& y) const = 0;
  /// Rows of `out` and `y` may be apart; `weight` may be undefined.  The gradients in out, low and high.
  virtual T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, const T& weight,
                               double beta) const = 0;
  virtual std::array<T, 3> bounded_normal_nll_backward(const T& top, const T& out, const T& low, const T& high,
                                                       const T& y, const T& weight, double beta) const = 0;
  virtual T td_target(const T& reward, double discount, const T& not_done, const T& next_value) const = 0;
  virtual T exp_weight(const T& advantage, double beta, double max_weight) const = 0;
  /// log N(a; mean, sigma), with  mean = f or tanh f,  log sigma = g within bounds;  g (B, d) or (d).  Rows of `a` may
  /// be apart.
  struct Bounds {
    bool squash;
    double low, high;
  };
  virtual T normal_log_prob(const T& a, const T& f, const T& g, const Bounds& bounds) const = 0;
  virtual std::array<T, 3> normal_log_prob_backward(const T& top, const T& a, const T& f, const T& g,
                                                    const Bounds& bounds, const std::array<bool, 3>& wanted) const = 0;
  /// The action and its log-density.  Of `action_gradient` and `density_gradient` one may be undefined.
  virtual std::array<T, 2> tanh_normal_sample(const T& out, const T& eps, double low, double high) const = 0;
  virtual T tanh_normal_sample_backward(const T& action_gradient, const T& density_gradient, const T& out, const T& eps,
                                        const T& action, double low, double high) const = 0;
  virtual T log_sum_exp_gap(const T& x, const T& q, double temperature) const = 0;
  /// The gradients in x and q.
  virtual std::array<T, 2> log_sum_exp_gap_backward(const T& top, const T& x, double temperature) const = 0;
};

/// Those of a type of device; null: it has none, as a GPU has where nvcc was not found, and libtorch's operations are
/// used.
const DeviceKernels* device_kernels(c10::DeviceType type);
/// The same for a tensor, null if its numbers are not float32.
const DeviceKernels* device_kernels(const at::Tensor& x);
/// Makes them those of a type of device, for the whole program; null: it has none from now on.
void provide_device_kernels(c10::DeviceType type, const DeviceKernels* kernels);

// TESSERA_CUDA_KERNELS: set by the build where nvcc has compiled nn_cuda.cu into tessera::compiled.
#if TESSERA_CUDA_KERNELS
const DeviceKernels& cuda_kernels();
#endif
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/device_kernels.impl.hpp>
#endif
