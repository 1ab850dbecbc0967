#pragma once
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <tessera/options/network.hpp>

// Compiled once per instruction set and chosen at run time, so that a build without -march=native uses the machine's
// widest vectors; and always optimized for them, whatever the optimization level of the build.  The targets are named
// by feature level and not by processor: an `arch=` that names a processor is chosen on that maker's machines only.
// Without no-thread-jumps GCC would thread a bound on an argument, like that of `exp`, through all that follows, which
// makes a loop half as fast as one with a minimum and a maximum.  Disabled under a sanitizer: the choice is made while
// the program is loaded, before the sanitizer is initialized.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TESSERA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TESSERA_SANITIZED 1
#endif
#endif
#if defined(__x86_64__) && defined(__linux__) && !defined(TESSERA_SANITIZED)
#if defined(__clang__)
#define TESSERA_WIDEST __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define TESSERA_WIDEST                                                         \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"), \
                 optimize("O3", "no-math-errno", "no-trapping-math", "no-thread-jumps")))
#endif
#else
#define TESSERA_WIDEST
#endif
#define TESSERA_INSIDE inline __attribute__((always_inline))

/// Element-wise passes over contiguous rows of float: the part of a network's pass on the CPU that is not a matrix
/// product.
namespace tessera::nn::kernels {
// Instead of std::bit_cast, which would not be inlined into functions with an `optimize` attribute of their own.
TESSERA_INSIDE std::int32_t bits(float x) { return __builtin_bit_cast(std::int32_t, x); }
TESSERA_INSIDE float of_bits(std::int32_t x) { return __builtin_bit_cast(float, x); }

// NaN passes through every kernel, as it passes through libtorch's functions: a comparison with NaN is false, and the
// kernels write it so that the false branch keeps the NaN.  Written like this, `0 > x ? 0 : x` is one instruction on
// x86, whose MAXPS returns its second operand in that case.

/// e^x to 2 units in the last place for -87 < x < 88; 0 below -87.7, infinite above 88.4, where a power of two would
/// need an exponent of all zeros or all ones.  Cody-Waite reduction and a polynomial of degree 6, written so that a
/// compiler vectorizes it.
TESSERA_INSIDE float exp(float x) {
  x = x < -88.0f ? -88.0f : x;
  x = x > 89.0f ? 89.0f : x;
  const float shifted = x * 1.44269504088896341f + 12582912.0f,
              n = shifted - 12582912.0f;  // the nearest integer, in its last bits
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  const float p =
      1.0f +
      r * (1.0f + r * (0.5f + r * (0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
  return p * of_bits(std::int32_t((std::uint32_t(bits(shifted)) << 23) + 0x3f800000u));
}
TESSERA_INSIDE float sigmoid(float x) { return 1.0f / (1.0f + exp(-x)); }
/// sqrt x for x >= 0, to 2 units in the last place: three Newton steps for 1 / sqrt x.  The C library's sqrt sets
/// errno, which keeps GCC from vectorizing it.
TESSERA_INSIDE float sqrt(float x) {
  float y = of_bits(0x5f3759df - (bits(x) >> 1));
  const float h = 0.5f * x;
  y = y * (1.5f - h * y * y);
  y = y * (1.5f - h * y * y);
  y = y * (1.5f - h * y * y);
  return x * y;
}
// Both branches are computed and one is selected: a series near 0, where the other one loses digits.
TESSERA_INSIDE float tanh(float x) {
  const float s = x * x;
  const float near = x * (1.0f + s * (-0.333333333f + s * (0.133333333f + s * (-0.0539682540f + s * 0.0218694885f))));
  const float far = __builtin_copysignf(1.0f - 2.0f / (exp(2.0f * __builtin_fabsf(x)) + 1.0f), x);
  return s < 0.09f ? near : far;
}
inline constexpr float gelu_a = 0.7978845608028654f, gelu_b = 0.044715f;  // sqrt(2/pi)

/// z <- z + bias over `rows` rows of `n`.
TESSERA_WIDEST inline void add_bias(float* __restrict z, const float* __restrict bias, std::int64_t rows,
                                    std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, z += n)
    for (std::int64_t j = 0; j < n; ++j) z[j] += bias[j];
}

/// The upper half of a float's bits, rounded to the nearest, ties to even; a NaN stays one.
TESSERA_INSIDE std::uint16_t to_bf16(float x) {
  const auto all = std::uint32_t(bits(x)), rounded = (all + 0x7fffu + ((all >> 16) & 1u)) >> 16;
  return std::uint16_t((all & 0x7fffffffu) > 0x7f800000u ? (all >> 16) | 0x40u : rounded);
}
TESSERA_INSIDE float of_bf16(std::uint16_t x) { return of_bits(std::int32_t(std::uint32_t(x) << 16)); }
TESSERA_WIDEST inline void round_row_to_bf16(std::uint16_t* __restrict to, const float* __restrict x, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) to[j] = to_bf16(x[j]);
}
#if defined(__x86_64__)
// The same by an instruction, in 0.6 of the time; it takes denormal numbers, as the products do, for zero.
__attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16"))) inline void round_row_by_instruction(
    std::uint16_t* __restrict to, const float* __restrict x, std::int64_t n) {
  std::int64_t j = 0;
  for (; j + 16 <= n; j += 16)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + j), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + j)));
  if (j == n) return;
  const auto rest = __mmask16((1u << unsigned(n - j)) - 1u);
  _mm256_mask_storeu_epi16(to + j, rest, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(rest, x + j)));
}
#endif
/// to (rows, n) <- x in bf16, whose rows are `stride` apart.
inline void round_to_bf16(std::uint16_t* to, const float* x, std::int64_t rows, std::int64_t n, std::int64_t stride) {
  auto* row = round_row_to_bf16;
#if defined(__x86_64__)
  static const bool by_instruction = __builtin_cpu_supports("avx512bf16");
  if (by_instruction) row = round_row_by_instruction;
#endif
  for (std::int64_t i = 0; i < rows; ++i) row(to + i * n, x + i * stride, n);
}

// Activation functions of one number: the value and, where the derivative does not follow from the value, the
// derivative.
struct unit {
  float value, slope;
};
TESSERA_INSIDE unit relu_unit(float x) { return {0 > x ? 0 : x, 0}; }
TESSERA_INSIDE unit tanh_unit(float x) { return {tanh(x), 0}; }
TESSERA_INSIDE unit silu_unit(float x) {
  const float s = sigmoid(x), y = x * s;
  return {y, s + y * (1.0f - s)};
}
TESSERA_INSIDE unit gelu_unit(float x) {
  const float t = tanh(gelu_a * (x + gelu_b * x * x * x));
  return {0.5f * x * (1.0f + t),
          0.5f * (1.0f + t) + 0.5f * x * (1.0f - t * t) * gelu_a * (1.0f + 3.0f * gelu_b * x * x)};
}
// x tanh(log(1 + e)), e = e^x: the hyperbolic tangent is n / (n + 2) with n = e (e + 2).  From 20 on it is 1.
TESSERA_INSIDE unit mish_unit(float x) {
  const float bound = x > 20.0f ? 20.0f : x;
  const float e = exp(bound), n = e * (e + 2.0f), inverse = 1.0f / (n + 2.0f), t = n * inverse;
  return {x * t, t + 4.0f * bound * e * (1.0f + e) * inverse * inverse};
}
template <unit (*F)(float), bool Biased, bool Kept>
TESSERA_INSIDE void activate_rows(float* __restrict a, float* __restrict slope, const float* __restrict bias,
                                  std::int64_t rows, std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, a += n, slope += Kept ? n : 0)
    for (std::int64_t j = 0; j < n; ++j) {
      const unit u = F(Biased ? a[j] + bias[j] : a[j]);
      a[j] = u.value;
      if (Kept) slope[j] = u.slope;
    }
}
// One loop for each case: GCC does not always split the loop itself, and would mask the stores instead.
template <unit (*F)(float)>
TESSERA_INSIDE void activate(float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n) {
  if (bias && slope) activate_rows<F, true, true>(a, slope, bias, rows, n);
  else if (bias) activate_rows<F, true, false>(a, slope, bias, rows, n);
  else if (slope) activate_rows<F, false, true>(a, slope, bias, 1, rows * n);
  else activate_rows<F, false, false>(a, slope, bias, 1, rows * n);
}

// a <- f(a + bias) over `rows` rows of `n`, where `bias` is null or one row.  silu, gelu and mish write their
// derivatives to `slope`, if it is not null: the exponential and the quotient are available here, and the backward pass
// need not recompute them.
TESSERA_WIDEST inline void relu(float* a, const float* bias, std::int64_t rows, std::int64_t n) {
  activate<relu_unit>(a, nullptr, bias, rows, n);
}
TESSERA_WIDEST inline void tanh(float* a, const float* bias, std::int64_t rows, std::int64_t n) {
  activate<tanh_unit>(a, nullptr, bias, rows, n);
}
TESSERA_WIDEST inline void silu(float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n) {
  activate<silu_unit>(a, slope, bias, rows, n);
}
TESSERA_WIDEST inline void gelu(float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n) {
  activate<gelu_unit>(a, slope, bias, rows, n);
}

TESSERA_WIDEST inline void mish(float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n) {
  activate<mish_unit>(a, slope, bias, rows, n);
}

// g <- g f', from the function's value, or from the derivative that the forward pass has stored.
TESSERA_WIDEST inline void relu_backward(float* __restrict g, const float* __restrict value, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) g[j] = value[j] <= 0 ? 0 : g[j];
}
TESSERA_WIDEST inline void tanh_backward(float* __restrict g, const float* __restrict value, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) g[j] *= 1.0f - value[j] * value[j];
}
/// slope <- the derivative of relu, or of tanh, from its values.
TESSERA_WIDEST inline void slope_of_output(float* __restrict slope, const float* __restrict value, std::int64_t n,
                                           bool of_relu) {
  for (std::int64_t j = 0; j < n; ++j) slope[j] = of_relu ? (value[j] <= 0 ? 0.0f : 1.0f) : 1.0f - value[j] * value[j];
}
TESSERA_WIDEST inline void slope_backward(float* __restrict g, const float* __restrict slope, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) g[j] *= slope[j];
}

/// Column sums: out[j] += sum_i g[i][j].
TESSERA_WIDEST inline void add_columns(float* __restrict out, const float* __restrict g, std::int64_t rows,
                                       std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, g += n)
    for (std::int64_t j = 0; j < n; ++j) out[j] += g[j];
}

/// Row i of z (rows, n) <- row which[i] of `from`.
TESSERA_WIDEST inline void take_rows(float* __restrict z, const float* __restrict from, const std::int32_t* which,
                                     std::int64_t rows, std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, z += n) {
    const float* __restrict row = from + which[i] * n;
    for (std::int64_t j = 0; j < n; ++j) z[j] = row[j];
  }
}
/// Row which[i] of `to` += row i of g (rows, n).
TESSERA_WIDEST inline void add_rows(float* __restrict to, const float* __restrict g, const std::int32_t* which,
                                    std::int64_t rows, std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, g += n) {
    float* __restrict row = to + which[i] * n;
    for (std::int64_t j = 0; j < n; ++j) row[j] += g[j];
  }
}

/// g <- factor g.
TESSERA_WIDEST inline void times(float* __restrict g, float factor, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) g[j] *= factor;
}

// Sums in `lanes` parts, which a compiler may keep in one vector, and which lose fewer digits than one long sum.
inline constexpr std::int64_t lanes = 16;
template <class F>
TESSERA_INSIDE float sum(std::int64_t n, F f) {
  float part[lanes] = {};
  std::int64_t j = 0;
  for (; j + lanes <= n; j += lanes)
    for (std::int64_t l = 0; l < lanes; ++l) part[l] += f(j + l);
  float total = 0;
  for (; j < n; ++j) total += f(j);
  for (std::int64_t l = 0; l < lanes; ++l) total += part[l];
  return total;
}

/// y <- (z - mean) / sqrt(var + eps) per row; keeps 1 / sqrt(var + eps) of each row.
TESSERA_WIDEST inline void normalize(float* __restrict y, float* __restrict inverse_std, const float* __restrict z,
                                     std::int64_t rows, std::int64_t n, float epsilon) {
  for (std::int64_t i = 0; i < rows; ++i, z += n, y += n) {
    const float mean = sum(n, [=](std::int64_t j) { return z[j]; }) / float(n);
    const float variance = sum(n, [=](std::int64_t j) { return (z[j] - mean) * (z[j] - mean); }) / float(n);
    const float inverse = 1.0f / sqrt(variance + epsilon);
    inverse_std[i] = inverse;
    for (std::int64_t j = 0; j < n; ++j) y[j] = (z[j] - mean) * inverse;
  }
}
/// u <- y * gain + shift per row.
TESSERA_WIDEST inline void scale(float* __restrict u, const float* __restrict y, const float* __restrict gain,
                                 const float* __restrict shift, std::int64_t rows, std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, u += n, y += n)
    for (std::int64_t j = 0; j < n; ++j) u[j] = y[j] * gain[j] + shift[j];
}
/// Gradients of gain and shift, and g <- gradient of z: inverse_std (g' - mean(g') - y mean(g' y)), g' = g gain.
TESSERA_WIDEST inline void normalize_backward(float* __restrict g, const float* __restrict y,
                                              const float* __restrict inverse_std, const float* __restrict gain,
                                              float* gain_gradient, float* shift_gradient, std::int64_t rows,
                                              std::int64_t n) {
  for (std::int64_t i = 0; i < rows; ++i, g += n, y += n) {
    if (gain_gradient)
      for (std::int64_t j = 0; j < n; ++j) {
        gain_gradient[j] += g[j] * y[j];
        shift_gradient[j] += g[j];
      }
    for (std::int64_t j = 0; j < n; ++j) g[j] *= gain[j];
    const float mean = sum(n, [=](std::int64_t j) { return g[j]; }) / float(n);
    const float slope = sum(n, [=](std::int64_t j) { return g[j] * y[j]; }) / float(n), inverse = inverse_std[i];
    for (std::int64_t j = 0; j < n; ++j) g[j] = inverse * (g[j] - mean - y[j] * slope);
  }
}

/// While it lives, denormal numbers count as zero on this thread: the moments of a weight without gradient decay into
/// them, and arithmetic on them is a hundred times slower.
class flush_denormals {
 public:
#if defined(__SSE2__)
  flush_denormals() : before_(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(before_ | 0x8040); }
  ~flush_denormals() { __builtin_ia32_ldmxcsr(before_); }

 private:
  unsigned before_;
#endif
};

// g <- the sum of `slices` buffers that are `stride` apart; the other buffers are cleared.
TESSERA_INSIDE void add_slices(float* __restrict g, std::int64_t n, std::int64_t slices, std::int64_t stride) {
  for (std::int64_t s = 1; s < slices; ++s) {
    float* __restrict other = g + s * stride;
    for (std::int64_t i = 0; i < n; ++i) {
      g[i] += other[i];
      other[i] = 0;
    }
  }
}
/// g <- the sum of `slices` buffers that are `stride` apart; the other buffers are cleared.  Returns the sum of
/// squares.
TESSERA_WIDEST inline float gather(float* __restrict g, std::int64_t n, std::int64_t slices, std::int64_t stride) {
  add_slices(g, n, slices, stride);
  return sum(n, [=](std::int64_t i) { return g[i] * g[i]; });
}
/// One pass of Adam over n numbers, whose gradient is the sum of `slices` buffers that are `stride` apart; clears them.
struct adam_step {
  float beta1, beta2, rate, inverse_root, epsilon, shrink, l2, clip;
};
TESSERA_WIDEST inline void adam(float* __restrict x, float* __restrict g, float* __restrict m, float* __restrict v,
                                std::int64_t n, std::int64_t slices, std::int64_t stride, const adam_step& h) {
  add_slices(g, n, slices, stride);
  const float b1 = h.beta1, b2 = h.beta2, a1 = 1 - b1, a2 = 1 - b2, rate = h.rate, root = h.inverse_root,
              eps = h.epsilon;
  const float shrink = h.shrink, l2 = h.l2, clip = h.clip;
  for (std::int64_t i = 0; i < n; ++i) {
    const float slope = clip * g[i] + l2 * x[i];
    m[i] = b1 * m[i] + a1 * slope;
    v[i] = b2 * v[i] + a2 * slope * slope;
    x[i] = shrink * x[i] - rate * m[i] / (sqrt(v[i]) * root + eps);
    g[i] = 0;
  }
}
/// target <- target + rate (source - target).
TESSERA_WIDEST inline void follow(float* __restrict target, const float* __restrict source, std::int64_t n,
                                  float rate) {
  for (std::int64_t i = 0; i < n; ++i) target[i] += rate * (source[i] - target[i]);
}

/// out <- the sum of `members` buffers of n numbers, `stride` apart in g, in their order; without any it stays.
template <class T>
TESSERA_INSIDE void add_each_member(T* __restrict out, const T* __restrict g, std::int64_t members, std::int64_t stride,
                                    std::int64_t n) {
  if (members == 1)
    for (std::int64_t j = 0; j < n; ++j) out[j] = g[j];
  if (members > 1)
    for (std::int64_t j = 0; j < n; ++j) out[j] = T(g[j] + g[stride + j]);
  for (std::int64_t i = 2; i < members; ++i)
    for (std::int64_t j = 0; j < n; ++j) out[j] = T(out[j] + g[i * stride + j]);
}
TESSERA_WIDEST inline void add_members(float* __restrict out, const float* __restrict g, std::int64_t members,
                                       std::int64_t stride, std::int64_t n) {
  add_each_member(out, g, members, stride, n);
}
/// to <- factor x.
TESSERA_WIDEST inline void scaled(float* __restrict to, const float* __restrict x, float factor, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) to[i] = factor * x[i];
}

/// Output layers of a few columns.  out (rows, m) <- h (rows, k) w^T + bias, with w (m, k): a row of w per column; the
/// bias may be null.
TESSERA_WIDEST inline void narrow(float* __restrict out, const float* __restrict h, const float* __restrict w,
                                  const float* __restrict bias, std::int64_t rows, std::int64_t k, std::int64_t m) {
  for (std::int64_t i = 0; i < rows; ++i, h += k, out += m)
    for (std::int64_t c = 0; c < m; ++c) {
      const float* row = w + c * k;
      out[c] = (bias ? bias[c] : 0.0f) + sum(k, [=](std::int64_t j) { return h[j] * row[j]; });
    }
}
/// The same layer's backward pass: w_gradient (m, k) += g^T h (if asked), dh (rows, k) <- g w.
TESSERA_WIDEST inline void narrow_backward(float* __restrict dh, float* __restrict w_gradient,
                                           const float* __restrict g, const float* __restrict h,
                                           const float* __restrict w, std::int64_t rows, std::int64_t k,
                                           std::int64_t m) {
  for (std::int64_t i = 0; i < rows; ++i, h += k, dh += k, g += m) {
    for (std::int64_t j = 0; j < k; ++j) dh[j] = g[0] * w[j];
    for (std::int64_t c = 1; c < m; ++c)
      for (std::int64_t j = 0; j < k; ++j) dh[j] += g[c] * w[c * k + j];
    if (w_gradient)
      for (std::int64_t c = 0; c < m; ++c)
        for (std::int64_t j = 0; j < k; ++j) w_gradient[c * k + j] += g[c] * h[j];
  }
}

// Products whose inner dimension is the size of an action: too short for a general matrix product, whose packing would
// cost more than it gains.  They keep tiles of the result in registers, two vectors wide.  Vectors longer than the
// machine's own would live in memory all the time, which is five times slower; vectors shorter than its longest cost
// little here.  So the vectors are AVX2's, or NEON's.
#if defined(__x86_64__)
inline constexpr int strip_size = 8;
#else
inline constexpr int strip_size = 4;
#endif
typedef float strip __attribute__((vector_size(4 * strip_size), aligned(4), may_alias));
inline constexpr std::int64_t tile = 2 * strip_size;

/// The first layer if each state has several actions.  Row r of z (rows, n) <- shared[r / repeat] + a[r] w, with w (d,
/// n) and the rows of a (rows, d) a stride apart; max(that, 0) with `relu`.
template <int R>
TESSERA_INSIDE void spread_rows(float* z, const float* const* shared, const float* a, std::int64_t stride,
                                const float* w, std::int64_t n, std::int64_t d, bool relu) {
  std::int64_t j = 0;
  for (; j + tile <= n; j += tile) {
    strip sum[R][2];
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < 2; ++v) sum[r][v] = *reinterpret_cast<const strip*>(shared[r] + j + strip_size * v);
    for (std::int64_t c = 0; c < d; ++c) {
      const float* const row = w + c * n + j;
      const strip low = *reinterpret_cast<const strip*>(row), high = *reinterpret_cast<const strip*>(row + strip_size);
      for (int r = 0; r < R; ++r) {
        sum[r][0] += a[r * stride + c] * low;
        sum[r][1] += a[r * stride + c] * high;
      }
    }
    for (int r = 0; r < R; ++r)
      for (int v = 0; v < 2; ++v) {
        const strip x = sum[r][v];
        *reinterpret_cast<strip*>(z + r * n + j + strip_size * v) = relu ? (0 > x ? strip{} : x) : x;
      }
  }
  for (; j < n; ++j)
    for (int r = 0; r < R; ++r) {
      float x = shared[r][j];
      for (std::int64_t c = 0; c < d; ++c) x += a[r * stride + c] * w[c * n + j];
      z[r * n + j] = relu && 0 > x ? 0 : x;
    }
}
TESSERA_WIDEST inline void spread(float* z, const float* shared, const float* a, std::int64_t stride, const float* w,
                                  std::int64_t rows, std::int64_t repeat, std::int64_t n, std::int64_t d, bool relu) {
  const float* from[4];
  std::int64_t used = 0;  // how many rows have used this state
  const auto next = [&] {
    if (used == repeat) used = 0, shared += n;
    ++used;
    return shared;
  };
  std::int64_t i = 0;
  for (; i + 4 <= rows; i += 4, z += 4 * n, a += 4 * stride) {
    for (auto& f : from) f = next();
    spread_rows<4>(z, from, a, stride, w, n, d, relu);
  }
  for (; i < rows; ++i, z += n, a += stride) {
    from[0] = next();
    spread_rows<1>(z, from, a, stride, w, n, d, relu);
  }
}

/// Its backward pass: shared (states, n) <- the sum of g (states * repeat, n) over each state's rows, and w (d, n) +=
/// a^T g, if asked.
template <int C>
TESSERA_INSIDE void collect_columns(float* w, const float* g, const float* a, std::int64_t stride, std::int64_t repeat,
                                    std::int64_t n) {
  strip sum[C][2];
  for (int c = 0; c < C; ++c)
    for (int v = 0; v < 2; ++v) sum[c][v] = *reinterpret_cast<const strip*>(w + c * n + strip_size * v);
  for (std::int64_t k = 0; k < repeat; ++k, g += n, a += stride) {
    const strip low = *reinterpret_cast<const strip*>(g), high = *reinterpret_cast<const strip*>(g + strip_size);
    for (int c = 0; c < C; ++c) sum[c][0] += a[c] * low, sum[c][1] += a[c] * high;
  }
  for (int c = 0; c < C; ++c)
    for (int v = 0; v < 2; ++v) *reinterpret_cast<strip*>(w + c * n + strip_size * v) = sum[c][v];
}
TESSERA_WIDEST inline void collect(float* shared, float* w, const float* g, const float* a, std::int64_t stride,
                                   std::int64_t states, std::int64_t repeat, std::int64_t n, std::int64_t d) {
  for (std::int64_t s = 0; s < states; ++s, shared += n, g += repeat * n, a += repeat * stride) {
    std::int64_t j = 0;
    for (; j + tile <= n; j += tile) {
      strip sum[2] = {};
      for (std::int64_t k = 0; k < repeat; ++k)
        for (int v = 0; v < 2; ++v) sum[v] += *reinterpret_cast<const strip*>(g + k * n + j + strip_size * v);
      for (int v = 0; v < 2; ++v) *reinterpret_cast<strip*>(shared + j + strip_size * v) = sum[v];
      if (!w) continue;
      std::int64_t c = 0;
      for (; c + 4 <= d; c += 4) collect_columns<4>(w + c * n + j, g + j, a + c, stride, repeat, n);
      for (; c + 2 <= d; c += 2) collect_columns<2>(w + c * n + j, g + j, a + c, stride, repeat, n);
      for (; c < d; ++c) collect_columns<1>(w + c * n + j, g + j, a + c, stride, repeat, n);
    }
    for (; j < n; ++j) {
      float sum = 0;
      for (std::int64_t k = 0; k < repeat; ++k) sum += g[k * n + j];
      shared[j] = sum;
      if (!w) continue;
      for (std::int64_t c = 0; c < d; ++c)
        for (std::int64_t k = 0; k < repeat; ++k) w[c * n + j] += a[k * stride + c] * g[k * n + j];
    }
  }
}
}  // namespace tessera::nn::kernels
