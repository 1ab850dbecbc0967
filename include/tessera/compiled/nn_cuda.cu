// Kernels of libtorch's CUDA devices, compiled where nvcc was found: part of tessera::compiled.  Each does what the
// operations in randoms.impl.hpp and adam.impl.hpp do, in one launch.
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>

#include <algorithm>
#include <cstdint>

#include <tessera/nn/cuda_kernels.hpp>

namespace tessera::nn::cuda {
namespace {
constexpr int threads = 256;
int blocks(std::int64_t n) { return int(std::clamp<std::int64_t>((n + threads - 1) / threads, 1, 4096)); }

// splitmix64, Steele, Lea, Flood 2014: z_i = mix(key + i gamma), whose first addition is that of one more gamma.
__device__ std::uint64_t bits(std::uint64_t key, std::uint64_t i) {
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
  __device__ std::int64_t operator()(std::uint64_t z) const { return from + std::int64_t((z >> 1) % std::uint64_t(range)); }
};

template <class T, class F>
__global__ void draw_kernel(T* out, std::int64_t n, std::uint64_t key, const std::int64_t* now,
                            std::int64_t ahead, std::int64_t first, F f) {
  if (now) key = bits(key ^ std::uint64_t(*now + ahead), 0);
  for (std::int64_t i = blockIdx.x * std::int64_t(blockDim.x) + threadIdx.x; i < n;
       i += std::int64_t(gridDim.x) * blockDim.x)
    out[i] = T(f(bits(key, std::uint64_t(first + i))));
}

__global__ void adam_kernel(float* x, float* g, float* m, float* v, float* target, std::int64_t n, const double* steps,
                            AdamStep h) {
  __shared__ float shared[3];
  if (threadIdx.x == 0) {  // the same of all numbers, in double precision once a block
    const double t = *steps;
    double size = h.learning_rate;
    if (h.cosine_steps > 0)
      size *= 0.5 * (1 + cospi(fmin(t - 1, double(h.cosine_steps)) / double(h.cosine_steps)));
    shared[0] = float(size / (1 - pow(h.beta1, t)));
    shared[1] = float(1 / sqrt(1 - pow(h.beta2, t)));
    shared[2] = float(1 - size * h.decay);
  }
  __syncthreads();
  const float lr = shared[0], scale = shared[1], shrink = shared[2];
  const float b1 = float(h.beta1), b2 = float(h.beta2), epsilon = float(h.epsilon), l2 = float(h.l2),
              rate = float(h.polyak);
  for (std::int64_t i = blockIdx.x * std::int64_t(blockDim.x) + threadIdx.x; i < n;
       i += std::int64_t(gridDim.x) * blockDim.x) {
    const float slope = g[i] + l2 * x[i];
    const float m_new = b1 * m[i] + (1 - b1) * slope, v_new = b2 * v[i] + (1 - b2) * slope * slope;
    const float moved = shrink * x[i] - lr * m_new / (sqrtf(v_new) * scale + epsilon);
    m[i] = m_new, v[i] = v_new, x[i] = moved, g[i] = 0;
    if (target) target[i] += rate * (moved - target[i]);
  }
}
}  // namespace

void draw(const at::Tensor& out, drawn what, const DrawKey& key, std::int64_t first, std::int64_t from,
          std::int64_t to) {
  const c10::cuda::CUDAGuard guard(out.device());
  const auto stream = at::cuda::getCurrentCUDAStream();
  const auto* const now = key.now.defined() ? key.now.data_ptr<std::int64_t>() : nullptr;
  const auto n = out.numel();
  if (n == 0) return;
  const auto launch = [&](auto* to_memory, auto f) {
    draw_kernel<<<blocks(n), threads, 0, stream>>>(to_memory, n, key.key, now, key.ahead, first, f);
  };
  if (what == drawn::whole) {
    launch(out.data_ptr<std::int64_t>(), Whole{from, to - from});
  } else {
    AT_DISPATCH_FLOATING_TYPES(out.scalar_type(), "draw", [&] {
      if (what == drawn::normal) launch(out.data_ptr<scalar_t>(), Normal{});
      else launch(out.data_ptr<scalar_t>(), Uniform{});
    });
  }
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}

void adam(const at::Tensor& x, const at::Tensor& g, const at::Tensor& m, const at::Tensor& v, const at::Tensor& target,
          const at::Tensor& t, const AdamStep& h) {
  const c10::cuda::CUDAGuard guard(x.device());
  const auto n = x.numel();
  if (n == 0) return;
  adam_kernel<<<blocks(n), threads, 0, at::cuda::getCurrentCUDAStream()>>>(
      x.data_ptr<float>(), g.data_ptr<float>(), m.data_ptr<float>(), v.data_ptr<float>(),
      target.defined() ? target.data_ptr<float>() : nullptr, n, t.data_ptr<double>(), h);
  C10_CUDA_KERNEL_LAUNCH_CHECK();
}
}  // namespace tessera::nn::cuda
