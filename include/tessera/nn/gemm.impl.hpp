#pragma once
#include <dlfcn.h>

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/torch.hpp>
#include <tessera/support/inline.hpp>

#if TESSERA_WITH_ONEDNN
#include <dnnl.h>  // libtorch may bring another oneDNN than this header's: see is_the_headers_onednn
#endif

namespace tessera::nn {
#if TESSERA_WITH_ONEDNN
TESSERA_INLINE void onednn_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                                const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta,
                                float* c, std::int64_t ldc) {
  dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, beta, c, ldc);
}
#endif

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

#if TESSERA_WITH_ONEDNN
namespace detail {
// oneDNN's objects, each freed by a function of its own.
template <auto Free>
struct freed {
  void operator()(auto* x) const { Free(x); }
};
template <class Handle, auto Free>
using dnnl_owned = std::unique_ptr<std::remove_pointer_t<Handle>, freed<Free>>;
using dnnl_memory_owned = dnnl_owned<dnnl_memory_t, dnnl_memory_destroy>;

inline bool done(dnnl_status_t status) { return status == dnnl_success; }
// The engine is never freed: products may be kept until the last thread ends.
inline dnnl_engine_t cpu_engine() {
  static dnnl_engine_t const engine = [] {
    dnnl_engine_t e = nullptr;
    return done(dnnl_engine_create(&e, dnnl_cpu, 0)) ? e : nullptr;
  }();
  return engine;
}
inline dnnl_stream_t thread_stream() {
  thread_local const dnnl_owned<dnnl_stream_t, dnnl_stream_destroy> stream = [] {
    dnnl_stream_t s = nullptr;
    if (cpu_engine() != nullptr) dnnl_stream_create(&s, cpu_engine(), dnnl_stream_default_flags);
    return dnnl_owned<dnnl_stream_t, dnnl_stream_destroy>(s);
  }();
  return stream.get();
}

struct bf16_shape {
  bool transpose_a, transpose_b;
  std::int64_t m, n, k, ldc;
  float beta;
  auto operator<=>(const bf16_shape&) const = default;
};

// A product of one shape, of operands whose rows are contiguous.  Versions 2 and 3 of oneDNN differ in how a primitive
// is described, and agree in how it runs.  It belongs to the thread that made it, for as many threads as that had.
class bf16_product {
 public:
  explicit bf16_product(const bf16_shape& s) {
    dnnl_primitive_attr_t attributes = nullptr;
    dnnl_post_ops_t after = nullptr;
    if (cpu_engine() == nullptr || !done(dnnl_primitive_attr_create(&attributes))) return;
    const dnnl_owned<dnnl_primitive_attr_t, dnnl_primitive_attr_destroy> owned_attributes(attributes);
    if (!done(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))) return;
    if (s.beta != 0) {
      if (!done(dnnl_post_ops_create(&after))) return;
      const dnnl_owned<dnnl_post_ops_t, dnnl_post_ops_destroy> owned_after(after);
#if DNNL_VERSION_MAJOR >= 3
      if (!done(dnnl_post_ops_append_sum(after, s.beta, 0, dnnl_data_type_undef))) return;
#else
      if (!done(dnnl_post_ops_append_sum(after, s.beta))) return;
#endif
      if (!done(dnnl_primitive_attr_set_post_ops(attributes, after))) return;
    }
    const dnnl_dims_t sizes_a = {s.m, s.k}, sizes_b = {s.k, s.n}, sizes_c = {s.m, s.n};
    const dnnl_dims_t strides_a = {s.transpose_a ? 1 : s.k, s.transpose_a ? s.m : 1},
                      strides_b = {s.transpose_b ? 1 : s.n, s.transpose_b ? s.k : 1}, strides_c = {s.ldc, 1};
    dnnl_primitive_desc_t description = nullptr;
#if DNNL_VERSION_MAJOR >= 3
    using layout = dnnl_owned<dnnl_memory_desc_t, dnnl_memory_desc_destroy>;
    const auto described = [](const dnnl_dims_t& sizes, dnnl_data_type_t type, const dnnl_dims_t& strides) {
      dnnl_memory_desc_t d = nullptr;
      dnnl_memory_desc_create_with_strides(&d, 2, sizes, type, strides);
      return layout(d);
    };
    const layout a = described(sizes_a, dnnl_bf16, strides_a), b = described(sizes_b, dnnl_bf16, strides_b),
                 c = described(sizes_c, dnnl_f32, strides_c);
    if (!a || !b || !c ||
        !done(dnnl_matmul_primitive_desc_create(&description, cpu_engine(), a.get(), b.get(), nullptr, c.get(),
                                                attributes)))
      return;
#else
    dnnl_memory_desc_t a, b, c;
    dnnl_matmul_desc_t product;
    if (!done(dnnl_memory_desc_init_by_strides(&a, 2, sizes_a, dnnl_bf16, strides_a)) ||
        !done(dnnl_memory_desc_init_by_strides(&b, 2, sizes_b, dnnl_bf16, strides_b)) ||
        !done(dnnl_memory_desc_init_by_strides(&c, 2, sizes_c, dnnl_f32, strides_c)) ||
        !done(dnnl_matmul_desc_init(&product, &a, &b, nullptr, &c)) ||
        !done(dnnl_primitive_desc_create(&description, &product, attributes, cpu_engine(), nullptr)))
      return;
#endif
    const dnnl_owned<dnnl_primitive_desc_t, dnnl_primitive_desc_destroy> owned_description(description);
    const auto memory = [&](dnnl_query_t which, int index) {
      dnnl_memory_t x = nullptr;
      dnnl_memory_create(&x, dnnl_primitive_desc_query_md(description, which, index), cpu_engine(), DNNL_MEMORY_NONE);
      return dnnl_memory_owned(x);
    };
    a_ = memory(dnnl_query_src_md, 0), b_ = memory(dnnl_query_weights_md, 0), c_ = memory(dnnl_query_dst_md, 0);
    work_ = memory(dnnl_query_scratchpad_md, 0);
    work_size_ = dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
    dnnl_primitive_t made = nullptr;
    if (a_ && b_ && c_ && work_ && done(dnnl_primitive_create(&made, description))) primitive_.reset(made);
  }

  // False where oneDNN has no such product, or it fails.
  bool run(const std::uint16_t* a, const std::uint16_t* b, float* c) const {
    if (!primitive_ || thread_stream() == nullptr) return false;
    const auto at = [](const dnnl_memory_owned& memory, const void* place) {
      return done(dnnl_memory_set_data_handle(memory.get(), const_cast<void*>(place)));
    };
    if (!at(a_, a) || !at(b_, b) || !at(c_, c) || !at(work_, work_memory(work_size_))) return false;
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, a_.get()},
                                         {DNNL_ARG_WEIGHTS, b_.get()},
                                         {DNNL_ARG_DST, c_.get()},
                                         {DNNL_ARG_SCRATCHPAD, work_.get()}};
    return done(dnnl_primitive_execute(primitive_.get(), thread_stream(), 4, arguments)) &&
           done(dnnl_stream_wait(thread_stream()));
  }

 private:
  // One thread's, for all of its products, at a multiple of 64 bytes.
  static void* work_memory(std::size_t size) {
    thread_local std::vector<std::byte> memory;
    if (memory.size() < size + 64) memory.resize(size + 64);
    void* place = memory.data();
    std::size_t space = memory.size();
    return std::align(64, size, place, space);
  }

  dnnl_owned<dnnl_primitive_t, dnnl_primitive_destroy> primitive_;
  dnnl_memory_owned a_, b_, c_, work_;
  std::size_t work_size_ = 0;
};

inline const bf16_product& product_of(const bf16_shape& s) {
  constexpr std::size_t most = 1024;  // a network's training has some dozens
  thread_local std::map<bf16_shape, bf16_product> products;
  if (const auto found = products.find(s); found != products.end()) return found->second;
  if (products.size() >= most) products.clear();
  return products.try_emplace(s, s).first->second;
}
// libtorch may bring another oneDNN, whose objects this header does not describe.
inline bool is_the_headers_onednn() { return dnnl_version()->major == DNNL_VERSION_MAJOR; }
}  // namespace detail
#endif

namespace detail {
// The rows of an operand in bf16, contiguous: one thread's memory for each of the two.
inline const std::uint16_t* rounded(int which, const float* x, std::int64_t rows, std::int64_t columns,
                                    std::int64_t stride) {
  thread_local std::vector<std::uint16_t> memory[2];
  auto& to = memory[which];
  if (std::int64_t(to.size()) < rows * columns) to.resize(std::size_t(rows * columns));
  if (stride == columns) columns *= rows, rows = 1;
  kernels::round_to_bf16(to.data(), x, rows, columns, stride);
  return to.data();
}
}  // namespace detail

TESSERA_INLINE void bf16_gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                              const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                              std::int64_t ldc) {
  if (m == 0 || n == 0) return;
  const std::int64_t rows_a = transpose_a ? k : m, columns_a = transpose_a ? m : k, rows_b = transpose_b ? n : k,
                     columns_b = transpose_b ? k : n;
  const std::uint16_t *const rounded_a = detail::rounded(0, a, rows_a, columns_a, lda), *const rounded_b =
                                                                                            detail::rounded(
                                                                                                1, b, rows_b, columns_b,
                                                                                                ldb);
#if TESSERA_WITH_ONEDNN
  if (k > 0 && detail::is_the_headers_onednn() &&
      detail::product_of({transpose_a, transpose_b, m, n, k, ldc, beta}).run(rounded_a, rounded_b, c))
    return;
#endif
  std::vector<float> x(std::size_t(rows_a * columns_a)), y(std::size_t(rows_b * columns_b));
  std::transform(rounded_a, rounded_a + x.size(), x.begin(), kernels::of_bf16);
  std::transform(rounded_b, rounded_b + y.size(), y.begin(), kernels::of_bf16);
  gemms().front().second(transpose_a, transpose_b, m, n, k, x.data(), columns_a, y.data(), columns_b, beta, c, ldc);
}

TESSERA_INLINE std::string why_no_bf16() {
#if TESSERA_WITH_ONEDNN
  if (!detail::is_the_headers_onednn())
    return "the oneDNN that is loaded is of version " + std::to_string(dnnl_version()->major) +
           ", and this program was built for version " + std::to_string(DNNL_VERSION_MAJOR);
  // Each instruction set has the bits of those that it includes.
  if ((unsigned(dnnl_get_effective_cpu_isa()) & unsigned(dnnl_cpu_isa_avx512_core_bf16)) !=
      unsigned(dnnl_cpu_isa_avx512_core_bf16))
    return "this processor has neither AVX512_BF16 nor AMX";
  return "";
#else
  return "this program was built without oneDNN";
#endif
}

// The rounding of the operands is work for (m + n) k numbers, where the product is for m n k: it has to be small,
// 16 (m + n) <= m n.  Measured on one core with AVX512_BF16, rounding included: at a batch of 256, layers of 32 units
// gain 1.1 to 1.5 times, of 64 1.5 to 1.9, of 256 1.9; with layers of 256, 32 rows gain 1.4 times, 64 rows 1.7; 16 rows
// hardly gain, 8 rows lose, and so do products of fewer than 8 terms.
TESSERA_INLINE bool gains_by_bf16(std::int64_t m, std::int64_t n, std::int64_t k) {
  return 16 * (m + n) <= m * n && k >= 8 && m * n * k >= 32 * 32 * 256;
}

TESSERA_INLINE void gemm(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                         const float* a, std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c,
                         std::int64_t ldc) {
  if (m == 0 || n == 0) return;
  if (precision_here() == precision::bf16 && gains_by_bf16(m, n, k))
    return bf16_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
#if TESSERA_WITH_ONEDNN
  onednn_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
#else
  blas_gemm(transpose_a, transpose_b, m, n, k, a, lda, b, ldb, beta, c, ldc);
#endif
}
}  // namespace tessera::nn
