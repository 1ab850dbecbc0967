#pragma once
#if defined(__CUDACC__) || defined(TESSERA_EMULATED_CUDA)
#include <cmath>
#include <cstdint>

#include <tessera/nn/cuda_sums.hpp>
#include <tessera/nn/device_kernels.hpp>

/// The losses and densities of a step, formulas in math/: values, and gradients times the number `top`.  What says so
/// is launched with one block alone.
namespace tessera::nn::cuda {
namespace {
/// One block: y <- scale sum_i x[i].
__global__ void sum_kernel(float* y, const float* x, std::int64_t n, float scale) {
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) sum += x[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *y = scale * sum;
}

/// One block: y <- sum_i mean_b (q - target)^2, of `n` numbers, `batch` a member.
__global__ void squared_td_kernel(float* y, const float* q, const float* target, std::int64_t n, std::int64_t batch) {
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) {
    const float u = q[i] - target[i % batch];
    sum += u * u;
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) *y = sum / float(batch);
}
__global__ void squared_td_backward_kernel(float* dq, const float* top, const float* q, const float* target,
                                           std::int64_t n, std::int64_t batch) {
  const float scale = *top * 2.0f / float(batch);
  for (std::int64_t i = first_number(); i < n; i += number_stride()) dq[i] = scale * (q[i] - target[i % batch]);
}

/// A loss of a difference u, and its slope: at a quantile's kink the mean of both sides', as in the plain form.
struct Difference {
  DeviceKernels::loss what;
  float first, second;
  __device__ float value(float u) const {
    if (what == DeviceKernels::loss::gumbel) {
      float z = u / first;
      z = z > second ? second : z;
      return expf(z) - z - 1.0f;
    }
    const float side = u < 0 ? 1.0f - first : first;
    return what == DeviceKernels::loss::expectile ? side * u * u : side * fabsf(u);
  }
  __device__ float slope(float u) const {
    if (what == DeviceKernels::loss::gumbel) {
      const float z = u / first;
      return z <= second ? (expf(z) - 1.0f) / first : 0.0f;
    }
    if (what == DeviceKernels::loss::expectile) return 2.0f * (u < 0 ? 1.0f - first : first) * u;
    return u < 0 ? first - 1.0f : u > 0 ? first : u == 0 ? 2.0f * first - 1.0f : 0.0f;
  }
};
/// One block.
__global__ void difference_kernel(float* y, const float* q, const float* v, std::int64_t n, Difference f) {
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) sum += f.value(q[i] - v[i]);
  sum = block_sum(sum);
  if (threadIdx.x == 0) *y = sum / float(n);
}
__global__ void difference_backward_kernel(float* dv, const float* top, const float* q, const float* v, std::int64_t n,
                                           Difference f) {
  const float scale = -*top / float(n);
  for (std::int64_t i = first_number(); i < n; i += number_stride()) dv[i] = scale * f.slope(q[i] - v[i]);
}

/// One block: y <- factor sum_i w x.
__global__ void weighted_sum_kernel(float* y, const float* w, const float* x, std::int64_t n, float factor) {
  float sum = 0;
  for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x) sum += w[i] * x[i];
  sum = block_sum(sum);
  if (threadIdx.x == 0) *y = factor * sum;
}
__global__ void times_kernel(float* y, const float* top, const float* w, std::int64_t n, float factor) {
  const float scale = *top * factor;
  for (std::int64_t i = first_number(); i < n; i += number_stride()) y[i] = scale * w[i];
}

/// NaN is the minimum of what has one.
__global__ void min_kernel(float* y, const float* q, std::int64_t members, std::int64_t n) {
  for (std::int64_t j = first_number(); j < n; j += number_stride()) {
    float least = q[j];
    for (std::int64_t i = 1; i < members; ++i) {
      const float x = q[i * n + j];
      least = least < x || least != least ? least : x;
    }
    y[j] = least;
  }
}
/// Members that share the minimum share its gradient.
__global__ void min_backward_kernel(float* dq, const float* g, const float* q, const float* y, std::int64_t members,
                                    std::int64_t n) {
  for (std::int64_t j = first_number(); j < n; j += number_stride()) {
    float equal = 0;
    for (std::int64_t i = 0; i < members; ++i) equal += q[i * n + j] == y[j] ? 1.0f : 0.0f;
    for (std::int64_t i = 0; i < members; ++i) dq[i * n + j] = (q[i * n + j] == y[j] ? g[j] : 0.0f) / equal;
  }
}

__global__ void td_target_kernel(float* y, const float* r, std::int64_t r_stride, const float* m, std::int64_t m_stride,
                                 const float* v, std::int64_t n, float discount) {
  for (std::int64_t j = first_number(); j < n; j += number_stride())
    y[j] = r[j * r_stride] + discount * m[j * m_stride] * v[j];
}
__global__ void exp_weight_kernel(float* w, const float* a, std::int64_t n, float beta, float max) {
  for (std::int64_t j = first_number(); j < n; j += number_stride()) {
    const float x = expf(beta * a[j]);
    w[j] = x > max ? max : x;
  }
}

/// Rows of d numbers; `a`'s are a_stride apart, g's g_stride, 0 if all share one.
struct NormalShape {
  bool squash;
  float low, high;
  std::int64_t rows, d, a_stride, g_stride;
};
__device__ inline float clipped(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
constexpr float half_log_2_pi = 0.918938533f;
/// A thread for each row: y <- sum_j -z^2 / 2 - log sigma - log(2 pi) / 2,  z = (a - mean) / sigma.
__global__ void normal_kernel(float* y, const float* a, const float* f, const float* g, NormalShape s) {
  for (std::int64_t b = first_number(); b < s.rows; b += number_stride()) {
    float sum = 0;
    for (std::int64_t j = 0; j < s.d; ++j) {
      const float mean = s.squash ? tanhf(f[b * s.d + j]) : f[b * s.d + j];
      const float l = clipped(g[b * s.g_stride + j], s.low, s.high), z = (a[b * s.a_stride + j] - mean) * expf(-l);
      sum += -0.5f * z * z - l - half_log_2_pi;
    }
    y[b] = sum;
  }
}
/// A block for each column: da, df, dg, any of which may be null; dg is summed over rows if all share one.
__global__ void normal_backward_kernel(float* da, float* df, float* dg, const float* top, const float* a,
                                       const float* f, const float* g, NormalShape s) {
  const std::int64_t j = blockIdx.x;
  float sum = 0;
  for (std::int64_t b = threadIdx.x; b < s.rows; b += blockDim.x) {
    const std::int64_t i = b * s.d + j;
    const float raw = g[b * s.g_stride + j], inverse = expf(-clipped(raw, s.low, s.high));
    const float mean = s.squash ? tanhf(f[i]) : f[i], z = (a[b * s.a_stride + j] - mean) * inverse;
    const float slope = top[b] * z * inverse, of_scale = raw < s.low || raw > s.high ? 0.0f : top[b] * (z * z - 1.0f);
    if (da) da[i] = -slope;
    if (df) df[i] = s.squash ? slope * (1.0f - mean * mean) : slope;
    if (dg && s.g_stride != 0) dg[i] = of_scale;
    sum += of_scale;
  }
  if (!dg || s.g_stride != 0) return;
  sum = block_sum(sum);
  if (threadIdx.x == 0) dg[j] = sum;
}

/// A thread for each row: a <- tanh u,  log_prob <- log N(u; mu, sigma) - log |da/du|,  u = mu + sigma eps,  of rows
/// `out` of mu and log sigma.
__global__ void tanh_normal_kernel(float* a, float* log_prob, const float* out, const float* eps, std::int64_t rows,
                                   std::int64_t d, float low, float high) {
  for (std::int64_t b = first_number(); b < rows; b += number_stride()) {
    float sum = 0;
    for (std::int64_t j = 0; j < d; ++j) {
      const float l = clipped(out[b * 2 * d + d + j], low, high), e = eps[b * d + j];
      const float u = out[b * 2 * d + j] + expf(l) * e, x = -2.0f * u;
      const float softplus = (x < 0 ? 0.0f : x) + log1pf(expf(-fabsf(x)));
      sum += -0.5f * e * e - l - half_log_2_pi - 2.0f * (0.693147181f - u - softplus);
      a[b * d + j] = tanhf(u);
    }
    log_prob[b] = sum;
  }
}
/// ga or gl may be null.
__global__ void tanh_normal_backward_kernel(float* dout, const float* ga, const float* gl, const float* out,
                                            const float* eps, const float* a, std::int64_t rows, std::int64_t d,
                                            float low, float high) {
  for (std::int64_t i = first_number(); i < rows * d; i += number_stride()) {
    const std::int64_t b = i / d, at = b * 2 * d + i % d;
    const float l = out[at + d], spread = expf(clipped(l, low, high)) * eps[i], x = a[i], density = gl ? gl[b] : 0.0f;
    const float u = out[at] + spread;  // u - u is NaN if u is infinite: an action at its limit has no density
    const float du = (ga ? ga[i] * (1.0f - x * x) : 0.0f) + (gl ? density * (2.0f * x + (u - u)) : 0.0f);
    dout[at] = du;
    dout[at + d] = l < low || l > high ? 0.0f : du * spread - density;
  }
}

/// log(1 + e^x), without overflow, its derivative, and one minus the derivative.
struct Soft {
  float plus, slope, rest;
};
__device__ inline Soft soften(float x) {
  const float t = expf(-fabsf(x)), near = 1.0f / (1.0f + t), far = t * near;
  return {(x < 0 ? 0.0f : x) + log1pf(t), x > 0 ? near : far, x > 0 ? far : near};
}
/// The layout of the rows of an ensemble of bounded normals: row r is row r % batch of member r / batch.
struct BoundedShape {
  std::int64_t d, batch, rows, out_member, out_row, y_member, y_row;
  float beta;
};
/// One number's part:  l = high - softplus(high - g),  L = low + softplus(l - low),
///   exp(beta L) w ((mu - y)^2 exp(-L) + L)
struct BoundedTerm {
  Soft upper, lower;
  float error, precision, weight, log_variance;
  __device__ float value() const { return weight * (error * error * precision + log_variance); }
};
__device__ inline BoundedTerm bounded_term(const float* out, const float* low, const float* high, const float* y,
                                           const float* given, const BoundedShape& s, std::int64_t r, std::int64_t j) {
  const std::int64_t member = r / s.batch, b = r % s.batch;
  const float* const o = out + member * s.out_member + b * s.out_row + j;
  BoundedTerm t;
  t.error = o[0] - y[member * s.y_member + b * s.y_row + j];
  t.upper = soften(high[j] - o[s.d]), t.lower = soften(high[j] - t.upper.plus - low[j]);
  t.log_variance = low[j] + t.lower.plus, t.precision = expf(-t.log_variance);
  t.weight = expf(s.beta * t.log_variance) * (given ? given[r * s.d + j] : 1.0f);
  return t;
}
/// A block for each column: partial[j] <- the sum of its parts.
__global__ void bounded_normal_kernel(float* partial, const float* out, const float* low, const float* high,
                                      const float* y, const float* given, BoundedShape s) {
  const std::int64_t j = blockIdx.x;
  float sum = 0;
  for (std::int64_t r = threadIdx.x; r < s.rows; r += blockDim.x)
    sum += bounded_term(out, low, high, y, given, s, r, j).value();
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[j] = sum;
}
/// A block for each column: dout (rows, 2 d), dlow, dhigh.  No gradient flows through the weights.
__global__ void bounded_normal_backward_kernel(float* dout, float* dlow, float* dhigh, const float* top,
                                               const float* out, const float* low, const float* high, const float* y,
                                               const float* given, BoundedShape s) {
  const std::int64_t j = blockIdx.x;
  const float scale = *top / float(s.batch * s.d);
  float of_low = 0, of_high = 0;
  for (std::int64_t r = threadIdx.x; r < s.rows; r += blockDim.x) {
    const BoundedTerm t = bounded_term(out, low, high, y, given, s, r, j);
    const float weighed = scale * t.weight, slope = weighed * (1.0f - t.error * t.error * t.precision),
                inner = slope * t.lower.slope;
    dout[r * 2 * s.d + j] = 2.0f * weighed * t.error * t.precision;
    dout[r * 2 * s.d + s.d + j] = inner * t.upper.slope;
    of_high += inner * t.upper.rest, of_low += slope * t.lower.rest;
  }
  of_low = block_sum<0>(of_low), of_high = block_sum<1>(of_high);
  if (threadIdx.x == 0) dlow[j] = of_low, dhigh[j] = of_high;
}

/// What the soft maximum of a row of k numbers, over a warp, is made of: max, and sum_k exp((x - max) / T).
struct SoftMax {
  float max, sum;
};
__device__ inline SoftMax soft_max(const float* x, int k, float inverse) {
  float max = -INFINITY;
  for (int c = int(threadIdx.x % 32); c < k; c += 32) max = fmaxf(max, x[c]);
  max = warp_max(max);
  if (!(fabsf(max) < INFINITY)) max = 0;  // infinity minus infinity is NaN
  float sum = 0;
  for (int c = int(threadIdx.x % 32); c < k; c += 32) sum += expf((x[c] - max) * inverse);
  return {max, warp_sum(sum)};
}
/// A warp for each row: gap[r] <- T log sum_k exp(x / T) - q[r].
__global__ void log_sum_exp_kernel(float* gap, const float* x, const float* q, std::int64_t rows, int k,
                                   float temperature) {
  const std::int64_t r = first_number() / 32;
  if (r >= rows) return;
  const SoftMax s = soft_max(x + r * k, k, 1.0f / temperature);
  if (threadIdx.x % 32 == 0) gap[r] = temperature * logf(s.sum) + s.max - q[r];
}
/// Gradients of the gaps' sum over members of means over the batch.
__global__ void log_sum_exp_backward_kernel(float* dx, float* dq, const float* top, const float* x, std::int64_t rows,
                                            std::int64_t batch, int k, float temperature) {
  const std::int64_t r = first_number() / 32;
  if (r >= rows) return;
  const float scale = *top / float(batch), inverse = 1.0f / temperature;
  const SoftMax s = soft_max(x + r * k, k, inverse);
  for (int c = int(threadIdx.x % 32); c < k; c += 32)
    dx[r * k + c] = scale * expf((x[r * k + c] - s.max) * inverse) / s.sum;
  if (threadIdx.x % 32 == 0) dq[r] = -scale;
}
}  // namespace
}  // namespace tessera::nn::cuda
#endif
