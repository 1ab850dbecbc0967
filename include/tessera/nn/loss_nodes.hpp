#pragma once
#include <cstdint>

#include <tessera/math/bounded_normal.hpp>
#include <tessera/math/ensemble.hpp>
#include <tessera/math/expectile.hpp>
#include <tessera/math/normal.hpp>
#include <tessera/math/over_batch.hpp>
#include <tessera/math/target.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::math {
/// The functions of math/ as one autograd node each, in float32, on the CPU and on devices with kernels.  Everywhere
/// else, and if an input that is usually a constant requires gradient, the plain forms are used.
template <>
struct nodes<at::Tensor> {
  using T = at::Tensor;

  static T min(const T& x);

  static T squared_td(const T& q, const T& target);

  static T expectile_loss(const T& q, const T& v, double tau);
  static T quantile_loss(const T& q, const T& v, double tau);
  static T gumbel_loss(const T& q, const T& v, double beta, double max_z);

  static T weighted_nll(const T& w, const T& log_prob);
  static T weighted_nll_sum(const T& w, const T& log_prob);

  static T normal_log_prob(const T& a, const T& mu, const T& log_std);
  static T tanh_mean_normal_log_prob(const T& a, const T& f, const T& g, double low, double high);

  static drawn<T> tanh_normal_sample(const T& out, const T& eps, double log_std_min, double log_std_max);

  static T log_sum_exp_gap(const T& x, const T& q, double temperature);

  static T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, double beta);
  static T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, const T& weight, double beta);

  static T td_target(const T& reward, double discount, const T& not_done, const T& next_value);
  static T exp_weight(const T& advantage, double beta, double max_weight);

  static T batch_mean(const T& x);
  static T batch_max(const T& x);
  static T batch_softmax(const T& x);
};
}  // namespace tessera::math

#ifndef TESSERA_COMPILED
#include <tessera/nn/loss_nodes.impl.hpp>
#endif
