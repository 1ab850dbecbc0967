#pragma once
#if defined(__CUDACC__) || defined(TESSERA_EMULATED_CUDA)
#include <cmath>
#include <cstdint>

#include <tessera/nn/cuda_sums.hpp>
#include <tessera/options/network.hpp>

/// What comes after a layer's matrix product.  An ensemble's rows are its members' one after another, `rows` of each.
namespace tessera::nn::cuda {
namespace {
__device__ inline float gelu_inner(float x) { return 0.7978845608028654f * (x + 0.044715f * x * x * x); }
__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
/// NaN passes through all of them.
__device__ inline float activated(activation f, float x) {
  switch (f) {
    case activation::relu:
      return x <= 0 ? 0.0f : x;
    case activation::gelu:
      return 0.5f * x * (1.0f + tanhf(gelu_inner(x)));
    case activation::tanh:
      return tanhf(x);
    case activation::silu:
      return x * sigmoid(x);
  }
  return x;
}
/// g f'(x), by f(x) alone: of relu and tanh.
__device__ inline float slope_by_output(activation f, float g, float y) {
  return f == activation::relu ? (y <= 0 ? 0.0f : g) : g * (1.0f - y * y);
}
/// g f'(x)
__device__ inline float slope_by_input(activation f, float g, float x) {
  switch (f) {
    case activation::relu:
      return x <= 0 ? 0.0f : g;
    case activation::gelu: {
      const float t = tanhf(gelu_inner(x)), inner = 0.7978845608028654f * (1.0f + 3.0f * 0.044715f * x * x);
      return g * (0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * inner);
    }
    case activation::tanh: {
      const float t = tanhf(x);
      return g * (1.0f - t * t);
    }
    case activation::silu: {
      const float s = sigmoid(x);
      return g * s * (1.0f + x * (1.0f - s));
    }
  }
  return g;
}

/// A parameter (N, 1, W), or its gradient: member n's numbers.
template <class T>
struct Row {
  T* data = nullptr;
  std::int64_t stride = 0;
  __device__ T* of(unsigned member) const { return data + std::int64_t(member) * stride; }
};

/// Blocks of 32 columns; y: rows, z: members.  out may be z.
__global__ void bias_activation_kernel(float* z, float* out, Row<const float> bias, int rows, int width, activation f) {
  const int j = int(blockIdx.x * 32 + threadIdx.x);
  if (j >= width) return;
  const float b = bias.of(blockIdx.z)[j];
  for (int row = int(blockIdx.y * blockDim.y + threadIdx.y); row < rows; row += int(gridDim.y * blockDim.y)) {
    const std::int64_t i = (std::int64_t(blockIdx.z) * rows + row) * width + j;
    const float x = z[i] + b;
    if (out != z) z[i] = x;
    out[i] = activated(f, x);
  }
}

/// Blocks of 32 columns and all rows; y: members.  out <- g f', unless `out` is null: then the sums are those of g.
/// `bias` may be null.
__global__ void activation_backward_kernel(float* out, const float* g, const float* kept, activation f, Row<float> bias,
                                           int rows, int width) {
  const int j = int(blockIdx.x * 32 + threadIdx.x);
  const bool by_output = f == activation::relu || f == activation::tanh;
  float sum = 0;
  if (j < width)
    for (int row = int(threadIdx.y); row < rows; row += int(blockDim.y)) {
      const std::int64_t i = (std::int64_t(blockIdx.y) * rows + row) * width + j;
      float d = g[i];
      if (out) {
        d = by_output ? slope_by_output(f, d, kept[i]) : slope_by_input(f, d, kept[i]);
        out[i] = d;
      }
      sum += d;
    }
  if (!bias.data) return;
  sum = sum_down<0>(sum);
  if (threadIdx.y == 0 && j < width) bias.of(blockIdx.y)[j] += sum;
}

/// A layer with LayerNorm:  a = f(norm(x)),  or  a = norm(f(x)),  of x = z + bias;
///   norm(u) = gain y + shift,   y = (u - mean) / sqrt(variance + epsilon)
struct NormShape {
  Row<const float> bias, gain, shift;
  int rows, width;
  activation f;
  bool last;
  float epsilon;
};
/// A warp for each row; y: members.  out may be z; mean and inverse, 1 / deviation, may be null.
__global__ void norm_kernel(float* z, float* out, float* mean, float* inverse, NormShape s) {
  const int lane = int(threadIdx.x % 32), row = int(blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32);
  if (row >= s.rows) return;
  const std::int64_t r = std::int64_t(blockIdx.y) * s.rows + row;
  z += r * s.width, out += r * s.width;
  const float *const bias = s.bias.of(blockIdx.y), *const gain = s.gain.of(blockIdx.y),
                     *const shift = s.shift.of(blockIdx.y);
  const auto normed = [&](int j) { return s.last ? activated(s.f, z[j] + bias[j]) : z[j] + bias[j]; };
  float sum = 0, squares = 0;
  for (int j = lane; j < s.width; j += 32) sum += normed(j);
  const float center = warp_sum(sum) / float(s.width);
  for (int j = lane; j < s.width; j += 32) squares += (normed(j) - center) * (normed(j) - center);
  const float scale = 1.0f / sqrtf(warp_sum(squares) / float(s.width) + s.epsilon);
  for (int j = lane; j < s.width; j += 32) {
    const float x = z[j] + bias[j], u = s.last ? activated(s.f, x) : x;
    const float a = gain[j] * ((u - center) * scale) + shift[j];
    if (out != z) z[j] = x;
    out[j] = s.last ? a : activated(s.f, a);
  }
  if (lane == 0 && mean) mean[r] = center, inverse[r] = scale;
}

/// y and the gradient of gain y + shift, by what the forward pass has kept:  x, mean and 1 / deviation.
struct Normed {
  float y, g;
};
__device__ inline Normed normed_again(const NormShape& s, float x, float mean, float inverse, float gain, float shift,
                                      float g) {
  const float y = ((s.last ? activated(s.f, x) : x) - mean) * inverse;
  return {y, s.last ? g : slope_by_input(s.f, g, gain * y + shift)};
}
/// The gradient of x, a warp for each row, y: members.  With g' = gain g and means over the row:
///   du = (g' - mean(g') - y mean(g' y)) / deviation
__global__ void norm_backward_kernel(float* dz, const float* g, const float* z, const float* mean, const float* inverse,
                                     NormShape s) {
  const int lane = int(threadIdx.x % 32), row = int(blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32);
  if (row >= s.rows) return;
  const std::int64_t r = std::int64_t(blockIdx.y) * s.rows + row;
  dz += r * s.width, g += r * s.width, z += r * s.width;
  const float *const gain = s.gain.of(blockIdx.y), *const shift = s.shift.of(blockIdx.y);
  const float center = mean[r], scale = inverse[r];
  float sum = 0, product = 0;
  for (int j = lane; j < s.width; j += 32) {
    const Normed n = normed_again(s, z[j], center, scale, gain[j], shift[j], g[j]);
    sum += gain[j] * n.g, product += gain[j] * n.g * n.y;
  }
  sum = warp_sum(sum) / float(s.width), product = warp_sum(product) / float(s.width);
  for (int j = lane; j < s.width; j += 32) {
    const Normed n = normed_again(s, z[j], center, scale, gain[j], shift[j], g[j]);
    const float du = scale * (gain[j] * n.g - sum - n.y * product);
    dz[j] = s.last ? slope_by_input(s.f, du, z[j]) : du;
  }
}
/// Adds the gradients of gain, shift and bias, by those of the output and of x.  Blocks of 32 columns and all rows; y:
/// members.
__global__ void norm_parameters_kernel(Row<float> dbias, Row<float> dgain, Row<float> dshift, const float* dz,
                                       const float* g, const float* z, const float* mean, const float* inverse,
                                       NormShape s) {
  const int j = int(blockIdx.x * 32 + threadIdx.x);
  float of_bias = 0, of_gain = 0, of_shift = 0;
  if (j < s.width) {
    const float gain = s.gain.of(blockIdx.y)[j], shift = s.shift.of(blockIdx.y)[j];
    for (int row = int(threadIdx.y); row < s.rows; row += int(blockDim.y)) {
      const std::int64_t r = std::int64_t(blockIdx.y) * s.rows + row, i = r * s.width + j;
      const Normed n = normed_again(s, z[i], mean[r], inverse[r], gain, shift, g[i]);
      of_gain += n.g * n.y, of_shift += n.g, of_bias += dz[i];
    }
  }
  of_bias = sum_down<0>(of_bias), of_gain = sum_down<1>(of_gain), of_shift = sum_down<2>(of_shift);
  if (threadIdx.y != 0 || j >= s.width) return;
  dbias.of(blockIdx.y)[j] += of_bias;
  dgain.of(blockIdx.y)[j] += of_gain;
  dshift.of(blockIdx.y)[j] += of_shift;
}
}  // namespace
}  // namespace tessera::nn::cuda
#endif
