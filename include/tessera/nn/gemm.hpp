#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tessera::nn {
/// C (m, n) <- op(A) (m, k) op(B) (k, n) + beta C, row-major with leading dimensions, op(X) = X or its transpose.
/// Inside a parallel region it runs on the calling thread alone.
using gemm_function = void(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                           const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                           std::int64_t ldc);

#if TESSERA_WITH_ONEDNN
void onednn_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
                 std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
#endif
/// The product by libtorch's own BLAS: nothing to link that libtorch does not bring.
void blas_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
               std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);

/// The product of operands that are rounded to bf16, to the nearest, ties to even; its sums are float.  By oneDNN's
/// matmul primitives, of which each thread keeps those that it has used; where there are none, by rounding the operands
/// and the product in float, which gains nothing.
void bf16_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
               std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
/// Why bf16 products are not faster than float ones here; "" where they are.
std::string why_no_bf16();
/// Whether a product is large enough to be faster in bf16 where the machine has it.
bool gains_by_bf16(std::int64_t m, std::int64_t n, std::int64_t k);

/// The implementations of the product in float, by name; the first, chosen at build time, is the CPU kernels' own.
std::vector<std::pair<std::string, gemm_function*>> gemms();
std::string gemm_name();
/// Which of its kernels the BLAS chose for this machine.
std::string gemm_core_type();

/// The matrix product of the CPU kernels: in bf16 if the pass is (nn/precision.hpp) and the product gains by it.
void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
          std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc);
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/gemm.impl.hpp>
#endif
