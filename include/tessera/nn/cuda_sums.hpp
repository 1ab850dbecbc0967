#pragma once
// Kernels' bodies, in CUDA's language: compiled by nvcc for compiled/nn_cuda.cu, and by any compiler where a program
// defines TESSERA_EMULATED_CUDA and what CUDA's words mean.  To other programs these headers are empty.
#if defined(__CUDACC__) || defined(TESSERA_EMULATED_CUDA)
namespace tessera::nn::cuda {
namespace {
/// x summed over the 32 threads of a warp, by pairs 16, 8, ... 1 apart: the same bits in each of them.
template <class T>
__device__ inline T warp_sum(T x) {
  for (int apart = 16; apart > 0; apart /= 2) x += __shfl_xor_sync(0xffffffffu, x, apart);
  return x;
}
/// The largest x that is a number.
__device__ inline float warp_max(float x) {
  for (int apart = 16; apart > 0; apart /= 2) x = fmaxf(x, __shfl_xor_sync(0xffffffffu, x, apart));
  return x;
}
/// x summed over a block of up to 1024 threads in whole warps, known to thread 0.  Once in a kernel for each T and
/// `which`: nothing keeps a second sum's numbers from the first one's.
template <int which = 0, class T>
__device__ inline T block_sum(T x) {
  __shared__ T of_warp[32];
  x = warp_sum(x);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = x;
  __syncthreads();
  if (threadIdx.x == 0)
    for (unsigned w = 1; w < blockDim.x / 32; ++w) x += of_warp[w];
  return x;
}
/// x summed over the rows of a block of 32 threads a row, in their order, known to the first row.  Once in a kernel for
/// each `which`.
template <int which>
__device__ inline float sum_down(float x) {
  __shared__ float of_row[32][32];
  of_row[threadIdx.y][threadIdx.x] = x;
  __syncthreads();
  if (threadIdx.y == 0)
    for (unsigned r = 1; r < blockDim.y; ++r) x += of_row[r][threadIdx.x];
  return x;
}
/// The first number of this thread among all of a launch, and how far the next one is.
__device__ inline long long first_number() { return blockIdx.x * (long long)(blockDim.x) + threadIdx.x; }
__device__ inline long long number_stride() { return gridDim.x * (long long)(blockDim.x); }
}  // namespace
}  // namespace tessera::nn::cuda
#endif
