#pragma once
#if defined(__CUDACC__) || defined(TESSERA_EMULATED_CUDA)
#include <cmath>
#include <cstdint>

#include <tessera/nn/cuda_sums.hpp>
#include <tessera/nn/device_kernels.hpp>

/// Random numbers, and Adam.
namespace tessera::nn::cuda {
namespace {
// splitmix64, Steele, Lea, Flood 2014: z_i = mix(key + i gamma), whose first addition is that of one more gamma.
__device__ inline std::uint64_t random_bits(std::uint64_t key, std::uint64_t i) {
  std::uint64_t x = key + (i + 1) * 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

struct Normal {
  __device__ double operator()(std::uint64_t z) const {
    return erfinv(double(z >> 11) * 0x1p-52 + (0x1p-53 - 1)) * 1.4142135623730950488;
  }
};
struct Uniform {
  __device__ double operator()(std::uint64_t z) const { return double(z >> 40) * 0x1p-24; }
};
struct Whole {
  std::int64_t from, range;
  __device__ std::int64_t operator()(std::uint64_t z) const {
    return from + std::int64_t((z >> 1) % std::uint64_t(range));
  }
};

template <class T, class F>
__global__ void draw_kernel(T* out, std::int64_t n, std::uint64_t key, const std::int64_t* current, std::int64_t ahead,
                            std::int64_t first, F f) {
  if (current) key = random_bits(key ^ std::uint64_t(*current + ahead), 0);
  for (std::int64_t i = first_number(); i < n; i += number_stride())
    out[i] = T(f(random_bits(key, std::uint64_t(first + i))));
}

/// partial[block] <- the sum of this block's g^2, in double precision.
__global__ void square_kernel(double* partial, const float* g, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = first_number(); i < n; i += number_stride()) sum += double(g[i]) * double(g[i]);
  sum = block_sum(sum);
  if (threadIdx.x == 0) partial[blockIdx.x] = sum;
}

/// `partial`, at most one for each thread of a block, null if the norm has no bound.
__global__ void adam_kernel(float* x, float* g, float* m, float* v, float* target, std::int64_t n, double* steps,
                            const double* partial, int partials, DeviceKernels::AdamStep h) {
  __shared__ float shared[4];
  double square = 0;
  if (partial) square = block_sum(int(threadIdx.x) < partials ? partial[threadIdx.x] : 0.0);
  if (threadIdx.x == 0) {  // the same of all numbers, in double precision once a block
    const double t = steps[blockIdx.x] + 1;
    steps[blockIdx.x] = t;  // which no other block reads
    double size = h.learning_rate;
    if (h.cosine_steps > 0) size *= 0.5 * (1 + cospi(fmin(t - 1, double(h.cosine_steps)) / double(h.cosine_steps)));
    // A norm that is NaN spoils the whole gradient.
    const double clip = partial ? h.max_norm / (sqrt(square) + 1e-6) : 1;
    shared[0] = float(size / (1 - pow(h.beta1, t)));
    shared[1] = float(1 / sqrt(1 - pow(h.beta2, t)));
    shared[2] = float(1 - size * h.decay);
    shared[3] = float(clip >= 1 ? 1 : clip);
  }
  __syncthreads();
  const float lr = shared[0], scale = shared[1], shrink = shared[2], clip = shared[3];
  const float b1 = float(h.beta1), b2 = float(h.beta2), epsilon = float(h.epsilon), l2 = float(h.l2),
              rate = float(h.polyak);
  for (std::int64_t i = first_number(); i < n; i += number_stride()) {
    const float slope = clip * g[i] + l2 * x[i];
    const float m_new = b1 * m[i] + (1 - b1) * slope, v_new = b2 * v[i] + (1 - b2) * slope * slope;
    const float moved = shrink * x[i] - lr * m_new / (sqrtf(v_new) * scale + epsilon);
    m[i] = m_new, v[i] = v_new, x[i] = moved, g[i] = 0;
    if (target) target[i] += rate * (moved - target[i]);
  }
}
}  // namespace
}  // namespace tessera::nn::cuda
#endif
