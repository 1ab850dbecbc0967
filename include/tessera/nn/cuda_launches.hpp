#pragma once
#if defined(__CUDACC__) || defined(TESSERA_EMULATED_CUDA)
#include <algorithm>
#include <array>
#include <cstdint>

#include <tessera/nn/cuda_layers.hpp>
#include <tessera/nn/cuda_losses.hpp>
#include <tessera/nn/cuda_steps.hpp>
#include <tessera/nn/device_kernels.hpp>

/// DeviceKernels by the kernels of cuda_*.hpp.  Who includes this has defined
///   launch(kernel, grid, block, {the tensors it reads and writes}, arguments...)
namespace tessera::nn::cuda {
namespace {
constexpr std::int64_t threads = 256;
inline unsigned blocks(std::int64_t n, std::int64_t most = 4096) {
  return unsigned(std::clamp<std::int64_t>((n + threads - 1) / threads, 1, most));
}
inline unsigned tiles(std::int64_t n, std::int64_t size) { return unsigned((n + size - 1) / size); }
/// A sum over rows is shared out among so many threads: few, and there are too few loads at a time.
inline dim3 column_block(std::int64_t rows) { return dim3(32, rows > 64 ? 32 : 8, 1); }
inline float* data(const at::Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; }
inline Row<float> rows_of(const at::Tensor& x) {
  if (!x.defined()) return {};
  return {x.data_ptr<float>(), x.dim() == 3 ? x.stride(0) : 0};
}
inline Row<const float> fixed_rows_of(const at::Tensor& x) { return {rows_of(x).data, rows_of(x).stride}; }

/// (B, W) or (N, B, W).
struct Sizes {
  explicit Sizes(const at::Tensor& x) : members(x.dim() == 3 ? x.size(0) : 1), rows(x.size(-2)), width(x.size(-1)) {
    TORCH_CHECK(x.is_contiguous() && members < 65536 && rows < (1 << 30) && width < (1 << 30), "a layer's rows of ",
                x.sizes(), " are no kernel's");
  }
  std::int64_t members, rows, width;
};

class Kernels final : public DeviceKernels {
 public:
  void draw(const T& out, numbers what, const Key& key, std::int64_t first, std::int64_t from,
            std::int64_t to) const override {
    const auto* const current = key.current.defined() ? key.current.data_ptr<std::int64_t>() : nullptr;
    const auto n = out.numel();
    if (n == 0) return;
    const auto fill = [&]<class Number, class F>(Number* memory, F f) {
      launch(&draw_kernel<Number, F>, blocks(n), threads, {out, key.current}, memory, n, key.key, current, key.ahead,
             first, f);
    };
    if (what == numbers::whole) return fill(out.data_ptr<std::int64_t>(), Whole{from, to - from});
    TORCH_CHECK(out.scalar_type() == at::kFloat || out.scalar_type() == at::kDouble, "no kernel draws ",
                out.scalar_type());
    const auto real = [&](auto f) {
      if (out.scalar_type() == at::kFloat) fill(out.data_ptr<float>(), f);
      else fill(out.data_ptr<double>(), f);
    };
    if (what == numbers::normal) real(Normal{});
    else real(Uniform{});
  }

  std::int64_t adam_counters(std::int64_t parameters) const override { return blocks(parameters); }
  void adam(const T& x, const T& g, const T& m, const T& v, const T& target, const T& steps,
            const AdamStep& h) const override {
    const auto n = x.numel();
    if (n == 0) return;
    const unsigned partials = blocks(n / 4, threads);
    T partial;
    if (h.max_norm > 0) {
      partial = at::empty({std::int64_t(partials)}, steps.options());
      launch(&square_kernel, partials, threads, {partial, g}, partial.data_ptr<double>(), data(g), n);
    }
    launch(&adam_kernel, blocks(n), threads, {x, g, m, v, target, steps, partial}, data(x), data(g), data(m), data(v),
           data(target), n, steps.data_ptr<double>(), partial.defined() ? partial.data_ptr<double>() : nullptr,
           int(partials), h);
  }

  void bias_activation(const T& z, const T& out, const T& bias, activation f) const override {
    const Sizes s(z);
    if (z.numel() == 0) return;
    launch(&bias_activation_kernel, dim3(tiles(s.width, 32), std::min(tiles(s.rows, 8), 65535u), unsigned(s.members)),
           dim3(32, 8, 1), {z, out, bias}, data(z), data(out), fixed_rows_of(bias), int(s.rows), int(s.width), f);
  }
  T activation_backward(const T& g, const T& kept, activation f, const T& bias) const override {
    const T out = at::empty_like(kept);
    columns(g.contiguous(), kept, out, f, bias);
    return out;
  }
  void add_row_sums(const T& into, const T& g) const override {
    columns(g.contiguous(), {}, {}, activation::relu, into);
  }

  void norm(const T& z, const T& out, const T& mean, const T& inverse, const Norm& layer) const override {
    const Sizes s(z);
    if (z.numel() == 0) return;
    launch(&norm_kernel, dim3(tiles(s.rows, 8), unsigned(s.members), 1), threads,
           {z, out, mean, inverse, layer.bias, layer.gain, layer.shift}, data(z), data(out), data(mean), data(inverse),
           shape(s, layer));
  }
  T norm_backward(const T& upstream, const T& z, const T& mean, const T& inverse, const Norm& layer,
                  const Norm* into) const override {
    const T g = upstream.contiguous(), dz = at::empty_like(z);
    const Sizes s(z);
    if (z.numel() == 0) return dz;
    launch(&norm_backward_kernel, dim3(tiles(s.rows, 8), unsigned(s.members), 1), threads,
           {dz, g, z, mean, inverse, layer.gain, layer.shift}, data(dz), data(g), data(z), data(mean), data(inverse),
           shape(s, layer));
    if (into)
      launch(&norm_parameters_kernel, dim3(tiles(s.width, 32), unsigned(s.members), 1), column_block(s.rows),
             {into->bias, into->gain, into->shift, dz, g, z, mean, inverse, layer.gain, layer.shift},
             rows_of(into->bias), rows_of(into->gain), rows_of(into->shift), data(dz), data(g), data(z), data(mean),
             data(inverse), shape(s, layer));
    return dz;
  }

  T squared_td(const T& q, const T& target) const override {
    const T y = at::empty({}, q.options());
    launch(&squared_td_kernel, 1, block_of(q), {y, q, target}, data(y), data(q), data(target), q.numel(),
           target.numel());
    return y;
  }
  T squared_td_backward(const T& top, const T& q, const T& target) const override {
    const T dq = at::empty_like(q);
    launch(&squared_td_backward_kernel, blocks(q.numel()), threads, {dq, top, q, target}, data(dq), data(top), data(q),
           data(target), q.numel(), target.numel());
    return dq;
  }
  T of_difference(loss what, const T& q, const T& v, double first, double second) const override {
    const T y = at::empty({}, q.options());
    launch(&difference_kernel, 1, block_of(q), {y, q, v}, data(y), data(q), data(v), q.numel(),
           Difference{what, float(first), float(second)});
    return y;
  }
  T of_difference_backward(const T& top, loss what, const T& q, const T& v, double first,
                           double second) const override {
    const T dv = at::empty_like(v);
    launch(&difference_backward_kernel, blocks(v.numel()), threads, {dv, top, q, v}, data(dv), data(top), data(q),
           data(v), v.numel(), Difference{what, float(first), float(second)});
    return dv;
  }
  T weighted_sum(const T& w, const T& x, double factor) const override {
    const T y = at::empty({}, w.options());
    launch(&weighted_sum_kernel, 1, block_of(w), {y, w, x}, data(y), data(w), data(x), w.numel(), float(factor));
    return y;
  }
  T weighted_sum_backward(const T& top, const T& w, double factor) const override {
    const T dx = at::empty_like(w);
    launch(&times_kernel, blocks(w.numel()), threads, {dx, top, w}, data(dx), data(top), data(w), w.numel(),
           float(factor));
    return dx;
  }
  T min(const T& q) const override {
    const T y = at::empty(q.sizes().slice(1), q.options());
    if (y.numel() > 0) launch(&min_kernel, blocks(y.numel()), threads, {y, q}, data(y), data(q), q.size(0), y.numel());
    return y;
  }
  T min_backward(const T& g, const T& q, const T& y) const override {
    const T dq = at::empty_like(q);
    if (y.numel() > 0)
      launch(&min_backward_kernel, blocks(y.numel()), threads, {dq, g, q, y}, data(dq), data(g), data(q), data(y),
             q.size(0), y.numel());
    return dq;
  }
  T bounded_normal_nll(const T& out, const T& low, const T& high, const T& y, const T& weight,
                       double beta) const override {
    const T partial = at::empty_like(low), value = at::empty({}, low.options());
    launch(&bounded_normal_kernel, unsigned(y.size(2)), threads, {partial, out, low, high, y, weight}, data(partial),
           data(out), data(low), data(high), data(y), data(weight), bounded(out, y, beta));
    launch(&sum_kernel, 1, block_of(partial), {value, partial}, data(value), data(partial), partial.numel(),
           1.0f / float(y.size(1) * y.size(2)));
    return value;
  }
  std::array<T, 3> bounded_normal_nll_backward(const T& top, const T& out, const T& low, const T& high, const T& y,
                                               const T& weight, double beta) const override {
    const T dout = at::empty(out.sizes(), out.options()), dlow = at::empty_like(low), dhigh = at::empty_like(high);
    launch(&bounded_normal_backward_kernel, unsigned(y.size(2)), threads,
           {dout, dlow, dhigh, top, out, low, high, y, weight}, data(dout), data(dlow), data(dhigh), data(top),
           data(out), data(low), data(high), data(y), data(weight), bounded(out, y, beta));
    return {dout, dlow, dhigh};
  }
  T td_target(const T& reward, double discount, const T& not_done, const T& next_value) const override {
    const T y = at::empty_like(next_value);
    if (y.numel() > 0)
      launch(&td_target_kernel, blocks(y.numel()), threads, {y, reward, not_done, next_value}, data(y), data(reward),
             reward.stride(0), data(not_done), not_done.stride(0), data(next_value), y.numel(), float(discount));
    return y;
  }
  T exp_weight(const T& advantage, double beta, double max_weight) const override {
    const T w = at::empty_like(advantage);
    if (w.numel() > 0)
      launch(&exp_weight_kernel, blocks(w.numel()), threads, {w, advantage}, data(w), data(advantage), w.numel(),
             float(beta), float(max_weight));
    return w;
  }

  T normal_log_prob(const T& a, const T& f, const T& g, const Bounds& bounds) const override {
    const T y = at::empty({f.size(0)}, f.options());
    launch(&normal_kernel, tiles(f.size(0), 64), 64, {y, a, f, g}, data(y), data(a), data(f), data(g),
           shape(a, f, g, bounds));
    return y;
  }
  std::array<T, 3> normal_log_prob_backward(const T& top, const T& a, const T& f, const T& g, const Bounds& bounds,
                                            const std::array<bool, 3>& wanted) const override {
    std::array<T, 3> d;
    for (std::size_t i = 0; i < 3; ++i)
      if (wanted[i]) d[i] = at::empty(i == 2 ? g.sizes() : f.sizes(), f.options());
    launch(&normal_backward_kernel, unsigned(f.size(1)), threads, {d[0], d[1], d[2], top, a, f, g}, data(d[0]),
           data(d[1]), data(d[2]), data(top), data(a), data(f), data(g), shape(a, f, g, bounds));
    return d;
  }
  std::array<T, 2> tanh_normal_sample(const T& out, const T& eps, double low, double high) const override {
    const T a = at::empty_like(eps), y = at::empty({eps.size(0)}, eps.options());
    if (a.numel() > 0)
      launch(&tanh_normal_kernel, tiles(eps.size(0), 64), 64, {a, y, out, eps}, data(a), data(y), data(out), data(eps),
             eps.size(0), eps.size(1), float(low), float(high));
    return {a, y};
  }
  T tanh_normal_sample_backward(const T& action_gradient, const T& density_gradient, const T& out, const T& eps,
                                const T& action, double low, double high) const override {
    const T dout = at::empty_like(out);
    if (eps.numel() > 0)
      launch(&tanh_normal_backward_kernel, blocks(eps.numel()), threads,
             {dout, action_gradient, density_gradient, out, eps, action}, data(dout), data(action_gradient),
             data(density_gradient), data(out), data(eps), data(action), eps.size(0), eps.size(1), float(low),
             float(high));
    return dout;
  }
  T log_sum_exp_gap(const T& x, const T& q, double temperature) const override {
    const T gap = at::empty_like(q), y = at::empty({}, q.options());
    launch(&log_sum_exp_kernel, tiles(q.numel(), threads / 32), threads, {gap, x, q}, data(gap), data(x), data(q),
           q.numel(), int(x.size(2)), float(temperature));
    launch(&sum_kernel, 1, block_of(q), {y, gap}, data(y), data(gap), q.numel(), 1.0f / float(q.size(1)));
    return y;
  }
  std::array<T, 2> log_sum_exp_gap_backward(const T& top, const T& x, double temperature) const override {
    const T dx = at::empty_like(x), dq = at::empty({x.size(0), x.size(1)}, x.options());
    launch(&log_sum_exp_backward_kernel, tiles(dq.numel(), threads / 32), threads, {dx, dq, top, x}, data(dx), data(dq),
           data(top), data(x), dq.numel(), x.size(1), int(x.size(2)), float(temperature));
    return {dx, dq};
  }

 private:
  /// Of a sum in one block.
  static unsigned block_of(const T& x) { return x.numel() > 256 ? 1024 : 256; }
  static void columns(const T& g, const T& kept, const T& out, activation f, const T& bias) {
    const Sizes s(g);
    if (g.numel() == 0) return;
    launch(&activation_backward_kernel, dim3(tiles(s.width, 32), unsigned(s.members), 1), column_block(s.rows),
           {g, kept, out, bias}, data(out), data(g), data(kept), f, rows_of(bias), int(s.rows), int(s.width));
  }
  static NormShape shape(const Sizes& s, const Norm& layer) {
    return {fixed_rows_of(layer.bias),
            fixed_rows_of(layer.gain),
            fixed_rows_of(layer.shift),
            int(s.rows),
            int(s.width),
            layer.f,
            layer.last,
            float(layer.epsilon)};
  }
  static BoundedShape bounded(const T& out, const T& y, double beta) {
    return {y.size(2),     y.size(1),   y.size(0) * y.size(1), out.stride(0),
            out.stride(1), y.stride(0), y.stride(1),           float(beta)};
  }
  static NormalShape shape(const T& a, const T& f, const T& g, const Bounds& bounds) {
    return {bounds.squash, float(bounds.low), float(bounds.high),          f.size(0),
            f.size(1),     a.stride(0),       g.dim() == 1 ? 0 : g.size(1)};
  }
};
}  // namespace
}  // namespace tessera::nn::cuda
#endif
