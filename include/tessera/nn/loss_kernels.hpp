#pragma once
#include <cstdint>

#include <tessera/nn/kernels.hpp>

/// Value and gradient of the loss functions and densities of a step, in one pass over a batch of contiguous float32.
namespace tessera::nn::kernels {
/// log x for normal x > 0, to 2 units in the last place: x = 2^e m with m in [sqrt(1/2), sqrt 2), and log m from the
/// series of 2 atanh((m - 1) / (m + 1)).
TESSERA_INSIDE float log(float x) {
  const std::int32_t i = bits(x);
  const std::int32_t e = (i - 0x3f3504f3) >> 23;
  const float m = of_bits(i - (e << 23));
  const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
  const float series = 2.0f * s * (1.0f + q * (0.333333333f + q * (0.2f + q * (0.142857143f + q * 0.111111111f))));
  return series + float(e) * 0.693147181f;
}
/// log x for any x: -infinity at 0, infinity at infinity, NaN for negative numbers and NaN.
TESSERA_INSIDE float any_log(float x) {
  constexpr float infinity = __builtin_inff();
  if (x > 0 && x < infinity) return log(x);
  return x == 0 ? -infinity : x > 0 ? x : __builtin_nanf("");
}
/// log(1 + e^x), without overflow, its derivative, and one minus the derivative.
struct soft {
  float plus, slope, rest;
};
TESSERA_INSIDE soft soften(float x) {
  const float t = exp(-__builtin_fabsf(x)), near = 1.0f / (1.0f + t), far = t * near;
  const float positive = x < 0 ? 0 : x;  // NaN if x is
  return {positive + log(1.0f + t), x > 0 ? near : far, x > 0 ? far : near};
}
TESSERA_INSIDE float softplus(float x) { return soften(x).plus; }

/// y[j] <- min_i q[i][j] of `members` rows of `n`.
TESSERA_WIDEST inline void min(float* __restrict y, const float* __restrict q, std::int64_t members, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) y[j] = q[j];
  for (std::int64_t i = 1; i < members; ++i)
    for (std::int64_t j = 0; j < n; ++j) y[j] = y[j] < q[i * n + j] || y[j] != y[j] ? y[j] : q[i * n + j];
}
/// dq[i][j] <- g[j] where q[i][j] is the minimum, shared by equal ones; NaN where y is NaN.
TESSERA_WIDEST inline void min_backward(float* __restrict dq, const float* __restrict g, const float* __restrict q,
                                        const float* __restrict y, std::int64_t members, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) {
    float equal = 0;
    for (std::int64_t i = 0; i < members; ++i) equal += q[i * n + j] == y[j] ? 1.0f : 0.0f;
    for (std::int64_t i = 0; i < members; ++i) dq[i * n + j] = (q[i * n + j] == y[j] ? g[j] : 0.0f) / equal;
  }
}

/// Returns sum_i mean_j (q[i][j] - y[j])^2;  dq <- 2 (q - y) / n.
TESSERA_WIDEST inline float squared_td(float* __restrict dq, const float* __restrict q, const float* __restrict y,
                                       std::int64_t members, std::int64_t n) {
  float total = 0;
  const float scale = 2.0f / float(n);
  for (std::int64_t i = 0; i < members; ++i, q += n, dq += n) {
    total += sum(n, [=](std::int64_t j) { return (q[j] - y[j]) * (q[j] - y[j]); });
    for (std::int64_t j = 0; j < n; ++j) dq[j] = scale * (q[j] - y[j]);
  }
  return total / float(n);
}

/// Means over the batch of the expectile, quantile and Gumbel loss at u = q - v;  dv <- their gradients in v.
TESSERA_WIDEST inline float expectile_loss(float* __restrict dv, const float* __restrict q, const float* __restrict v,
                                           std::int64_t n, float tau) {
  const float scale = -2.0f / float(n);
  for (std::int64_t j = 0; j < n; ++j) {
    const float u = q[j] - v[j];
    dv[j] = scale * (u < 0 ? 1.0f - tau : tau) * u;
  }
  return sum(n, [=](std::int64_t j) { return dv[j] * (q[j] - v[j]); }) * -0.5f;
}
TESSERA_WIDEST inline float quantile_loss(float* __restrict dv, const float* __restrict q, const float* __restrict v,
                                          std::int64_t n, float tau) {
  // At u = 0 the gradient is the mean of both sides', as in the plain form.
  const float scale = -1.0f / float(n);
  for (std::int64_t j = 0; j < n; ++j) {
    const float u = q[j] - v[j];
    dv[j] = scale * (u < 0 ? tau - 1.0f : u > 0 ? tau : u == 0 ? 2.0f * tau - 1.0f : 0.0f);
  }
  return -sum(n, [=](std::int64_t j) { return dv[j] * (q[j] - v[j]); });
}
TESSERA_WIDEST inline float gumbel_loss(float* __restrict dv, const float* __restrict q, const float* __restrict v,
                                        std::int64_t n, float beta, float max_z) {
  const float scale = -1.0f / (beta * float(n)), inverse = 1.0f / beta;
  for (std::int64_t j = 0; j < n; ++j) {
    const float z = (q[j] - v[j]) * inverse;
    dv[j] = z <= max_z ? scale * (exp(z) - 1.0f) : 0.0f;
  }
  return sum(n,
             [=](std::int64_t j) {
               float z = (q[j] - v[j]) * inverse;
               z = z > max_z ? max_z : z;
               return exp(z) - z - 1.0f;
             }) /
         float(n);
}

/// Returns sum_j w[j] x[j].
TESSERA_WIDEST inline float dot(const float* __restrict w, const float* __restrict x, std::int64_t n) {
  return sum(n, [=](std::int64_t j) { return w[j] * x[j]; });
}
/// y <- f x.
TESSERA_WIDEST inline void times(float* __restrict y, const float* __restrict x, std::int64_t n, float f) {
  for (std::int64_t j = 0; j < n; ++j) y[j] = f * x[j];
}

/// y <- r + discount m v, rewards and masks with their entries a stride apart.
TESSERA_WIDEST inline void td_target(float* __restrict y, const float* __restrict r, std::int64_t r_stride,
                                     const float* __restrict m, std::int64_t m_stride, const float* __restrict v,
                                     std::int64_t n, float discount) {
  for (std::int64_t j = 0; j < n; ++j) y[j] = r[j * r_stride] + discount * m[j * m_stride] * v[j];
}
/// w <- min(exp(beta a), most).
TESSERA_WIDEST inline void exp_weight(float* __restrict w, const float* __restrict a, std::int64_t n, float beta,
                                      float max) {
  for (std::int64_t j = 0; j < n; ++j) {
    const float x = exp(beta * a[j]);
    w[j] = x > max ? max : x;
  }
}

/// How a normal density gets its mean and log-std from f and g: the mean is tanh f, or f; log sigma is g clipped to
/// bounds.  The stride of g is 0 if all rows share one.
struct normal_shape {
  bool squash;
  float low, high;
  std::int64_t rows, d, g_stride;
};
/// y[b] <- log N(a_b; mean_b, sigma_b), rows of d numbers, `a` with its rows a_stride apart.  Keeps the mean,
/// z = (a - mean) / sigma, and 1 / sigma, `rows` x d each.
TESSERA_WIDEST inline void normal_log_prob(float* __restrict y, float* __restrict kept, const float* __restrict a,
                                           std::int64_t a_stride, const float* __restrict f, const float* __restrict g,
                                           const normal_shape& s) {
  const std::int64_t d = s.d, n = s.rows * d;
  float* __restrict mean = kept, * __restrict z = kept + n, * __restrict inverse = kept + 2 * n;
  for (std::int64_t i = 0; i < n; ++i) mean[i] = s.squash ? tanh(f[i]) : f[i];
  for (std::int64_t b = 0; b < s.rows; ++b)
    for (std::int64_t j = 0; j < d; ++j) {
      const float l = g[b * s.g_stride + j];
      inverse[b * d + j] = l < s.low ? s.low : l > s.high ? s.high : l;
    }
  for (std::int64_t b = 0; b < s.rows; ++b) {
    float sum = 0;
    for (std::int64_t j = 0; j < d; ++j) sum -= inverse[b * d + j] + 0.918938533f;
    y[b] = sum;
  }
  for (std::int64_t i = 0; i < n; ++i) inverse[i] = exp(-inverse[i]);
  for (std::int64_t b = 0; b < s.rows; ++b)
    for (std::int64_t j = 0; j < d; ++j) {
      const float u = (a[b * a_stride + j] - mean[b * d + j]) * inverse[b * d + j];
      z[b * d + j] = u;
      y[b] -= 0.5f * u * u;
    }
}
/// Any of da, df, dg may be null; dg is summed over rows if g is shared.
TESSERA_WIDEST inline void normal_log_prob_backward(float* __restrict da, float* __restrict df, float* __restrict dg,
                                                    const float* __restrict top, const float* __restrict kept,
                                                    const float* __restrict g, const normal_shape& s) {
  const std::int64_t d = s.d, n = s.rows * d;
  const float* __restrict mean = kept, * __restrict z = kept + n, * __restrict inverse = kept + 2 * n;
  for (std::int64_t b = 0; b < s.rows; ++b)
    for (std::int64_t j = 0; j < d; ++j) {
      const std::int64_t i = b * d + j;
      const float slope = top[b] * z[i] * inverse[i];
      if (da) da[i] = -slope;
      if (df) df[i] = s.squash ? slope * (1.0f - mean[i] * mean[i]) : slope;
    }
  if (!dg) return;
  if (s.g_stride == 0)
    for (std::int64_t j = 0; j < d; ++j) dg[j] = 0;
  for (std::int64_t b = 0; b < s.rows; ++b)
    for (std::int64_t j = 0; j < d; ++j) {
      const float l = g[b * s.g_stride + j], u = z[b * d + j];
      dg[b * s.g_stride + j] =
          (s.g_stride == 0 ? dg[j] : 0.0f) + (l < s.low || l > s.high ? 0.0f : top[b] * (u * u - 1.0f));
    }
}

/// a <- tanh(u), log_prob <- its log-density, for u = mu + sigma eps; `out` holds mu and log sigma, 2 d a row.  Keeps
/// sigma eps.
TESSERA_WIDEST inline void tanh_normal_sample(float* __restrict a, float* __restrict log_prob, float* __restrict spread,
                                              const float* __restrict out, const float* __restrict eps,
                                              std::int64_t rows, std::int64_t d, float low, float high) {
  for (std::int64_t b = 0; b < rows; ++b) {
    float s = 0;
    for (std::int64_t j = 0; j < d; ++j) {
      const float l = out[b * 2 * d + d + j];
      spread[b * d + j] = l < low ? low : l > high ? high : l;
      s -= spread[b * d + j] + 0.918938533f;
    }
    log_prob[b] = s;
  }
  const std::int64_t n = rows * d;
  for (std::int64_t i = 0; i < n; ++i) spread[i] = exp(spread[i]) * eps[i];
  for (std::int64_t b = 0; b < rows; ++b)
    for (std::int64_t j = 0; j < d; ++j) a[b * d + j] = out[b * 2 * d + j] + spread[b * d + j];
  // A row of actions is shorter than a vector: the terms of a density are computed for many rows at once, then summed.
  constexpr std::int64_t piece = 512;
  float term[piece];
  for (std::int64_t from = 0, b = 0, j = 0; from < n; from += piece) {
    const std::int64_t count = n - from < piece ? n - from : piece;
    for (std::int64_t i = 0; i < count; ++i) {
      const float u = a[from + i], e = eps[from + i];
      term[i] = -0.5f * e * e - 2.0f * (0.693147181f - u - softplus(-2.0f * u));
      a[from + i] = tanh(u);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      log_prob[b] += term[i];
      if (++j == d) j = 0, ++b;
    }
  }
}
/// ga or gl may be null.
TESSERA_WIDEST inline void tanh_normal_sample_backward(float* __restrict dout, const float* __restrict ga,
                                                       const float* __restrict gl, const float* __restrict out,
                                                       const float* __restrict a, const float* __restrict spread,
                                                       std::int64_t rows, std::int64_t d, float low, float high) {
  for (std::int64_t b = 0; b < rows; ++b, out += 2 * d, dout += 2 * d)
    for (std::int64_t j = 0; j < d; ++j) {
      const float x = a[b * d + j], density = gl ? gl[b] : 0.0f;
      const float u =
          out[j] + spread[b * d + j];  // u - u is NaN if u is infinite: an action at its limit has no density
      const float du = (ga ? ga[b * d + j] * (1.0f - x * x) : 0.0f) + (gl ? density * (2.0f * x + (u - u)) : 0.0f);
      const float l = out[d + j];
      dout[j] = du;
      dout[d + j] = l < low || l > high ? 0.0f : du * spread[b * d + j] - density;
    }
}

/// Returns sum_i mean_b [ T log sum_k exp(x_ibk / T) - q_ib ];  dx <- the gradient in x.
TESSERA_WIDEST inline float log_sum_exp_gap(float* __restrict dx, const float* __restrict x, const float* __restrict q,
                                            std::int64_t members, std::int64_t n, std::int64_t k, float temperature) {
  const float inverse = 1.0f / temperature, scale = 1.0f / float(n);
  float total = 0;
  for (std::int64_t r = 0; r < members * n; ++r, x += k, dx += k) {
    float max = x[0];
    for (std::int64_t c = 1; c < k; ++c) max = x[c] > max ? x[c] : max;
    if (!(__builtin_fabsf(max) < __builtin_inff())) max = 0;  // infinity minus infinity is NaN
    for (std::int64_t c = 0; c < k; ++c) dx[c] = exp((x[c] - max) * inverse);
    const float z = sum(k, [=](std::int64_t c) { return dx[c]; });
    for (std::int64_t c = 0; c < k; ++c) dx[c] *= scale / z;
    total += temperature * any_log(z) + max - q[r];
  }
  return total * scale;
}

/// The layout of the rows of an ensemble of bounded normals: row r is row r % batch of member r / batch.
struct bounded_normal_shape {
  std::int64_t d, batch, out_member, out_row, y_member, y_row;
};
/// Of the rows from .. to - 1, with  l = high - softplus(high - g),  L = low + softplus(l - low):  returns the sum of
/// (mu - y)^2 exp(-L) + L, times `scale` and a weight exp(beta L), times that of `weights` (rows, d) if there are any,
/// and writes its gradients: dlow, dhigh (d), and dout (rows, 2 d) from the first row of all on.
TESSERA_WIDEST inline float bounded_normal_nll(float* dout, float* __restrict dlow, float* __restrict dhigh,
                                               const float* out, const float* y, const float* weights, const float* low,
                                               const float* high, std::int64_t from, std::int64_t to,
                                               const bounded_normal_shape& s, float scale, float beta) {
  // A row may be shorter than a vector: several rows are computed at once, against bounds repeated for each.
  constexpr std::int64_t piece = 512;
  float min[piece], max[piece], error[piece], g[piece], term[piece], of_low[piece], of_high[piece], given[piece];
  double total = 0;
  for (std::int64_t c = 0; c < s.d; c += piece) {
    const std::int64_t n = s.d - c < piece ? s.d - c : piece, rows = piece / n;
    for (std::int64_t i = 0; i < rows * n; ++i)
      min[i] = low[c + i % n], max[i] = high[c + i % n], of_low[i] = of_high[i] = 0, given[i] = 1;
    for (std::int64_t first = from; first < to; first += rows) {
      const std::int64_t count = to - first < rows ? to - first : rows;
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t member = (first + k) / s.batch, b = (first + k) % s.batch;
        const float *o = out + member * s.out_member + b * s.out_row + c,
                    *t = y + member * s.y_member + b * s.y_row + c;
        for (std::int64_t j = 0; j < n; ++j) error[k * n + j] = o[j] - t[j], g[k * n + j] = o[s.d + j];
        if (weights)
          for (std::int64_t j = 0; j < n; ++j) given[k * n + j] = weights[(first + k) * s.d + c + j];
      }
      for (std::int64_t i = 0; i < count * n; ++i) {
        const float e = error[i];
        const soft upper = soften(max[i] - g[i]), lower = soften(max[i] - upper.plus - min[i]);
        const float log_variance = min[i] + lower.plus, precision = exp(-log_variance), squared = e * e * precision;
        const float weight = exp(beta * log_variance) * given[i], weighed = scale * weight;
        const float slope = weighed * (1.0f - squared), inner = slope * lower.slope;
        term[i] = weight * (squared + log_variance);
        error[i] = 2.0f * weighed * e * precision;
        g[i] = inner * upper.slope;
        of_high[i] += inner * upper.rest;
        of_low[i] += slope * lower.rest;
      }
      total += double(sum(count * n, [&](std::int64_t i) { return term[i]; }));
      for (std::int64_t k = 0; k < count; ++k) {
        float* const to_row = dout + (first + k) * 2 * s.d + c;
        for (std::int64_t j = 0; j < n; ++j) to_row[j] = error[k * n + j], to_row[s.d + j] = g[k * n + j];
      }
    }
    for (std::int64_t j = 0; j < n; ++j) dlow[c + j] = dhigh[c + j] = 0;
    for (std::int64_t i = 0; i < rows * n; ++i) dlow[c + i % n] += of_low[i], dhigh[c + i % n] += of_high[i];
  }
  return float(total * double(scale));
}
}  // namespace tessera::nn::kernels
