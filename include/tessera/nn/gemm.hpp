#pragma once
#include <cstdint>

#include <tessera/nn/torch.hpp>
#if TESSERA_WITH_ONEDNN
#include <dnnl.h>
#endif

namespace tessera::nn {
/// Which matrix product the CPU kernels use; chosen by the build.
constexpr const char* gemm_name() {
#if TESSERA_WITH_ONEDNN
  return "oneDNN";
#else
  return "BLAS";
#endif
}

/// C (m, n) <- op(A) (m, k) op(B) (k, n) + beta C, row-major with leading dimensions, op(X) = X or its transpose.
/// Inside a parallel region it runs on the calling thread alone.
inline void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a, std::int64_t lda,
                 const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc) {
  if (m == 0 || n == 0) return;
#if TESSERA_WITH_ONEDNN
  dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
#else
  // libtorch's own way to its BLAS: no library to link that it does not bring.
  const auto view = [](const float* p, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    return at::from_blob(const_cast<float*>(p), {rows, columns}, {stride, 1}, at::kFloat);
  };
  at::NoGradGuard guard;
  auto out = view(c, m, n, ldc);
  const auto x = transpose_a ? view(a, k, m, lda).t() : view(a, m, k, lda);
  const auto y = transpose_b ? view(b, n, k, ldb).t() : view(b, k, n, ldb);
  at::addmm_out(out, out, x, y, beta, 1.0f);
#endif
}
}  // namespace tessera::nn
