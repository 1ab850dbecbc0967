#pragma once
#include <dlfcn.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>

#if TESSERA_WITH_ONEDNN
#include <dnnl.h>  // libtorch may bring another oneDNN than this header's: use only what versions 2 and 3 share
#endif

namespace tessera::nn {
TESSERA_INLINE void onednn_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                                const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta,
                                float* c, std::int64_t ldc) {
  dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
}

TESSERA_INLINE void blas_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                              const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                              std::int64_t ldc) {
  const auto view = [](const float* p, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
    return at::from_blob(const_cast<float*>(p), {rows, columns}, {stride, 1}, at::kFloat);
  };
  at::NoGradGuard guard;
  auto out = view(c, m, n, ldc);
  const auto x = transpose_a ? view(a, k, m, lda).t() : view(a, m, k, lda);
  const auto y = transpose_b ? view(b, n, k, ldb).t() : view(b, k, n, ldb);
  at::addmm_out(out, out, x, y, beta, 1.0f);
}

TESSERA_INLINE std::vector<std::pair<std::string, gemm_function*>> gemms() {
#if TESSERA_WITH_ONEDNN
  return {{"oneDNN", onednn_gemm}, {"BLAS", blas_gemm}};
#else
  return {{"BLAS", blas_gemm}};
#endif
}

TESSERA_INLINE std::string gemm_name() { return gemms().front().first; }
TESSERA_INLINE std::string gemm_core_type() {
#if TESSERA_WITH_ONEDNN
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41:
      return "SSE4.1";
    case dnnl_cpu_isa_avx:
      return "AVX";
    case dnnl_cpu_isa_avx2:
    case dnnl_cpu_isa_avx2_vnni:
      return "AVX2";
    default:
      return "AVX-512";
  }
#else
  if (void* name = dlsym(RTLD_DEFAULT, "openblas_get_corename")) return reinterpret_cast<const char* (*)()>(name)();
  return "unknown";
#endif
}

TESSERA_INLINE void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                         const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                         std::int64_t ldc) {
  if (m == 0 || n == 0) return;
#if TESSERA_WITH_ONEDNN
  onednn_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
#else
  blas_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
#endif
}
}  // namespace tessera::nn
