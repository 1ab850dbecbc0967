#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

#include <tessera/nn/device_kernels.hpp>
#include <tessera/nn/loss_kernels.hpp>
#include <tessera/nn/loss_nodes.hpp>
#include <tessera/nn/node.hpp>
#include <tessera/nn/ranks.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn::detail {
// Whether the kernels can read a tensor: float32 on the CPU.
TESSERA_INLINE bool served(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kFloat; }
/// The kernels that can read all of these tensors; null, where they are not all of a device that has some.
template <class... Others>
const DeviceKernels* kernels_for(const at::Tensor& x, const Others&... others) {
  [[maybe_unused]] const auto same = [&](const at::Tensor& y) {
    return y.device() == x.device() && y.scalar_type() == at::kFloat;
  };
  return (same(others) && ...) ? device_kernels(x) : nullptr;
}
inline constexpr std::int64_t block_numbers = 1 << 16;  // so many at most are summed by one block of a device's threads
TESSERA_INLINE bool graph(const at::Tensor& x) { return at::GradMode::is_enabled() && x.requires_grad(); }
TESSERA_INLINE const float* read(const at::Tensor& x) { return x.data_ptr<float>(); }
TESSERA_INLINE float* write(const at::Tensor& x) { return x.data_ptr<float>(); }
TESSERA_INLINE at::Tensor scalar(float value) {
  auto x = at::empty({}, at::kFloat);
  *write(x) = value;
  return x;
}

// A scalar whose gradient in one input was computed together with it.
template <std::size_t I, class Twin>
at::Tensor scalar_node(float value, at::Tensor gradient, std::size_t of, const std::array<const at::Tensor*, I>& inputs,
                       Twin twin) {
  const auto y = scalar(value);
  attach<1>(
      {y}, inputs,
      [gradient = std::move(gradient), of](const auto&, const torch::autograd::variable_list& g) {
        std::array<at::Tensor, I> d;
        const float f = *read(g[0]);
        if (f == 1) {
          d[of] = gradient;
        } else {
          d[of] = at::empty_like(gradient);
          kernels::times(write(d[of]), read(gradient), gradient.numel(), f);
        }
        return d;
      },
      std::move(twin));
  return y;
}

inline constexpr std::int64_t min_numbers = 2048;  // the least numbers that are worth a task

template <class Twin>
at::Tensor normal_on_device(const DeviceKernels& kernels, const at::Tensor& a, const at::Tensor& f, const at::Tensor& g,
                            const DeviceKernels::Bounds& bounds, Twin twin) {
  const at::Tensor x = a.stride(1) == 1 ? a.detach() : a.detach().contiguous(), raw = f.detach().contiguous(),
                   l = g.detach().contiguous(), y = kernels.normal_log_prob(x, raw, l, bounds);
  if (graph(a) || graph(f) || graph(g))
    nn::attach<1, 3>(
        {y}, {&a, &f, &g},
        [&kernels, x, raw, l, bounds](const auto& node, const auto& grads) {
          return kernels.normal_log_prob_backward(grads[0].contiguous(), x, raw, l, bounds,
                                                  {node.wants(0), node.wants(1), node.wants(2)});
        },
        std::move(twin));
  return y;
}
template <class Twin>
at::Tensor normal(const at::Tensor& a, const at::Tensor& f, const at::Tensor& g, bool squash, float low, float high,
                  Twin twin) {
  const bool shared = g.dim() == 1;
  const auto* const kernels = kernels_for(a, f, g);
  if ((!kernels && (!served(a) || !served(f) || !served(g))) || f.dim() != 2 || a.sizes() != f.sizes() ||
      f.numel() == 0 || !(shared ? g.size(0) == f.size(1) : g.sizes() == f.sizes()))
    return twin({a, f, g})[0];
  if (kernels) return normal_on_device(*kernels, a, f, g, {squash, low, high}, std::move(twin));
  const nn::kernels::normal_shape s{squash, low, high, f.size(0), f.size(1), shared ? 0 : f.size(1)};
  const at::Tensor x = a.stride(1) == 1 ? a : a.contiguous(), raw = f.contiguous(), l = g.contiguous();
  const at::Tensor y = at::empty({s.rows}, at::kFloat), kept = at::empty({3, s.rows, s.d}, at::kFloat);
  nn::kernels::normal_log_prob(write(y), write(kept), read(x), x.stride(0), read(raw), read(l), s);
  if (graph(a) || graph(f) || graph(g))
    nn::attach<1, 3>(
        {y}, {&a, &f, &g},
        [kept, l = l.detach(), s](const auto& node, const auto& grads) {
          std::array<at::Tensor, 3> out;
          const at::Tensor top = grads[0].contiguous();
          for (std::size_t i = 0; i < 3; ++i)
            if (node.wants(i))
              out[i] = i == 2 && s.g_stride == 0 ? at::empty({s.d}, at::kFloat) : at::empty({s.rows, s.d}, at::kFloat);
          const auto to = [&](std::size_t i) { return out[i].defined() ? write(out[i]) : nullptr; };
          nn::kernels::normal_log_prob_backward(to(0), to(1), to(2), read(top), read(kept), read(l), s);
          return out;
        },
        std::move(twin));
  return y;
}
// y, computed on a device, is differentiable in input `of` alone: `backward` of the gradient in y.
template <std::size_t I, class Backward, class Twin>
at::Tensor device_node(const at::Tensor& y, const std::array<const at::Tensor*, I>& inputs, std::size_t of,
                       Backward backward, Twin twin) {
  if (graph(*inputs[of]))
    nn::attach<1>(
        {y}, inputs,
        [backward = std::move(backward), of](const auto&, const torch::autograd::variable_list& g) {
          std::array<at::Tensor, I> d;
          d[of] = backward(g[0].contiguous());
          return d;
        },
        std::move(twin));
  return y;
}
// factor * sum_b w x, differentiable in x alone.
template <class Twin>
at::Tensor weighted(const at::Tensor& w, const at::Tensor& x, float factor, Twin twin) {
  const auto* const kernels = kernels_for(w, x);
  if ((!kernels && (!served(w) || !served(x))) || graph(w) || w.dim() != 1 || w.sizes() != x.sizes() ||
      x.numel() == 0 || (kernels && x.numel() > block_numbers))
    return twin(w, x);
  if (kernels) {
    const at::Tensor weight = w.contiguous();
    return device_node<2>(
        kernels->weighted_sum(weight, x.detach().contiguous(), factor), {&w, &x}, 1,
        [kernels, weight, factor](const at::Tensor& top) {
          return kernels->weighted_sum_backward(top, weight, factor);
        },
        [twin](const std::array<at::Tensor, 2>& in) { return std::array<at::Tensor, 1>{twin(in[0], in[1])}; });
  }
  const at::Tensor weight = w.contiguous(), y = x.contiguous();
  const float value = factor * nn::kernels::dot(read(weight), read(y), y.numel());
  if (!graph(x)) return scalar(value);
  const at::Tensor dx = at::empty_like(y);
  nn::kernels::times(write(dx), read(weight), y.numel(), factor);
  return scalar_node<2>(value, dx, 1, {&w, &x}, [twin](const std::array<at::Tensor, 2>& in) {
    return std::array<at::Tensor, 1>{twin(in[0], in[1])};
  });
}
// The mean of a loss of q - v, differentiable in v alone.
template <class Kernel, class Twin>
at::Tensor of_difference(const at::Tensor& q, const at::Tensor& v, DeviceKernels::loss what, double first,
                         double second, Kernel kernel, Twin twin) {
  const auto* const kernels = kernels_for(q, v);
  if ((!kernels && (!served(q) || !served(v))) || graph(q) || q.dim() != 1 || q.sizes() != v.sizes() ||
      v.numel() == 0 || (kernels && v.numel() > block_numbers))
    return twin(q, v);
  if (kernels) {
    const at::Tensor a = q.contiguous(), b = v.detach().contiguous();
    return device_node<2>(
        kernels->of_difference(what, a, b, first, second), {&q, &v}, 1,
        [=](const at::Tensor& top) { return kernels->of_difference_backward(top, what, a, b, first, second); },
        [twin](const std::array<at::Tensor, 2>& in) { return std::array<at::Tensor, 1>{twin(in[0], in[1])}; });
  }
  const at::Tensor a = q.contiguous(), b = v.contiguous(), dv = at::empty_like(b);
  const float value = kernel(write(dv), read(a), read(b), b.numel());
  if (!graph(v)) return scalar(value);
  return scalar_node<2>(value, dv, 1, {&q, &v}, [twin](const std::array<at::Tensor, 2>& in) {
    return std::array<at::Tensor, 1>{twin(in[0], in[1])};
  });
}
}  // namespace tessera::nn::detail

namespace tessera::math {
TESSERA_INLINE at::Tensor nodes<at::Tensor>::min(const T& x) {
  using namespace nn::detail;
  if (x.dim() < 2 || x.size(0) == 0) return plain::min(x);
  if (const auto* const kernels = kernels_for(x)) {
    const T q = x.detach().contiguous(), y = kernels->min(q);
    return device_node<1>(
        y, {&x}, 0, [kernels, q, y = y.detach()](const T& g) { return kernels->min_backward(g, q, y); },
        [](const std::array<T, 1>& in) { return std::array<T, 1>{plain::min(in[0])}; });
  }
  if (!served(x)) return plain::min(x);
  const T q = x.contiguous();
  const auto members = q.size(0), n = q.numel() / members;
  const T y = at::empty(q.sizes().slice(1), at::kFloat);
  nn::kernels::min(write(y), read(q), members, n);
  if (graph(x))
    nn::attach<1, 1>(
        {y}, {&x},
        [q = q.detach(), y = y.detach(), members, n](const auto&, const auto& g) {
          const T dq = at::empty_like(q), top = g[0].contiguous();
          nn::kernels::min_backward(write(dq), read(top), read(q), read(y), members, n);
          return std::array<T, 1>{dq};
        },
        [](const std::array<T, 1>& in) { return std::array<T, 1>{plain::min(in[0])}; });
  return y;
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::squared_td(const T& q, const T& target) {
  using namespace nn::detail;
  const auto* const kernels = kernels_for(q, target);
  const auto twin = [](const std::array<T, 2>& in) { return std::array<T, 1>{plain::squared_td(in[0], in[1])}; };
  if ((!kernels && (!served(q) || !served(target))) || graph(target) || q.dim() != 2 || target.dim() != 1 ||
      target.size(0) != q.size(1) || q.numel() == 0 || (kernels && q.numel() > block_numbers))
    return plain::squared_td(q, target);
  if (kernels) {
    const T x = q.detach().contiguous(), y = target.contiguous();
    return device_node<2>(
        kernels->squared_td(x, y), {&q, &target}, 0,
        [kernels, x, y](const T& top) { return kernels->squared_td_backward(top, x, y); }, twin);
  }
  const T x = q.contiguous(), y = target.contiguous(), dq = at::empty_like(x);
  const float value = nn::kernels::squared_td(write(dq), read(x), read(y), x.size(0), x.size(1));
  if (!graph(q)) return scalar(value);
  return scalar_node<2>(value, dq, 0, {&q, &target}, twin);
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::expectile_loss(const T& q, const T& v, double tau) {
  return nn::detail::of_difference(
      q, v, nn::DeviceKernels::loss::expectile, tau, 0,
      [=](float* dv, const float* a, const float* b, std::int64_t n) {
        return nn::kernels::expectile_loss(dv, a, b, n, float(tau));
      },
      [=](const T& a, const T& b) { return plain::expectile_loss(a, b, tau); });
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::quantile_loss(const T& q, const T& v, double tau) {
  return nn::detail::of_difference(
      q, v, nn::DeviceKernels::loss::quantile, tau, 0,
      [=](float* dv, const float* a, const float* b, std::int64_t n) {
        return nn::kernels::quantile_loss(dv, a, b, n, float(tau));
      },
      [=](const T& a, const T& b) { return plain::quantile_loss(a, b, tau); });
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::gumbel_loss(const T& q, const T& v, double beta, double max_z) {
  return nn::detail::of_difference(
      q, v, nn::DeviceKernels::loss::gumbel, beta, max_z,
      [=](float* dv, const float* a, const float* b, std::int64_t n) {
        return nn::kernels::gumbel_loss(dv, a, b, n, float(beta), float(max_z));
      },
      [=](const T& a, const T& b) { return plain::gumbel_loss(a, b, beta, max_z); });
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::weighted_nll(const T& w, const T& log_prob) {
  return nn::detail::weighted(w, log_prob, -1.0f / float(std::max<std::int64_t>(log_prob.numel(), 1)),
                              [](const T& a, const T& b) { return plain::weighted_nll(a, b); });
}
TESSERA_INLINE at::Tensor nodes<at::Tensor>::weighted_nll_sum(const T& w, const T& log_prob) {
  return nn::detail::weighted(w, log_prob, -1.0f, [](const T& a, const T& b) { return plain::weighted_nll_sum(a, b); });
}
TESSERA_INLINE at::Tensor nodes<at::Tensor>::normal_log_prob(const T& a, const T& mu, const T& log_std) {
  constexpr float none = std::numeric_limits<float>::infinity();
  return nn::detail::normal(a, mu, log_std, false, -none, none, [](const std::array<T, 3>& in) {
    return std::array<T, 1>{plain::normal_log_prob(in[0], in[1], in[2])};
  });
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::tanh_mean_normal_log_prob(const T& a, const T& f, const T& g, double low,
                                                                       double high) {
  return nn::detail::normal(a, f, g, true, float(low), float(high), [=](const std::array<T, 3>& in) {
    return std::array<T, 1>{plain::tanh_mean_normal_log_prob(in[0], in[1], in[2], low, high)};
  });
}

TESSERA_INLINE drawn<at::Tensor> nodes<at::Tensor>::tanh_normal_sample(const T& out, const T& eps, double log_std_min,
                                                                       double log_std_max) {
  using namespace nn::detail;
  const auto* const kernels = kernels_for(out, eps);
  if ((!kernels && (!served(out) || !served(eps))) || graph(eps) || out.dim() != 2 || eps.dim() != 2 ||
      out.size(1) != 2 * eps.size(1) || out.size(0) != eps.size(0))
    return plain::tanh_normal_sample(out, eps, log_std_min, log_std_max);
  const auto twin = [=](const std::array<T, 2>& in) {
    const auto s = plain::tanh_normal_sample(in[0], in[1], log_std_min, log_std_max);
    return std::array<T, 2>{s.action, s.log_prob};
  };
  if (kernels) {
    const T x = out.detach().contiguous(), e = eps.contiguous();
    const auto [a, log_prob] = kernels->tanh_normal_sample(x, e, log_std_min, log_std_max);
    if (graph(out))
      nn::attach<2, 2>(
          {a, log_prob}, {&out, &eps},
          [=, a = a.detach()](const auto&, const auto& g) {
            const T ga = g[0].defined() ? g[0].contiguous() : T(), gl = g[1].defined() ? g[1].contiguous() : T();
            return std::array<T, 2>{kernels->tanh_normal_sample_backward(ga, gl, x, e, a, log_std_min, log_std_max),
                                    T()};
          },
          twin);
    return {a, log_prob};
  }
  const auto rows = eps.size(0), d = eps.size(1);
  const float low = float(log_std_min), high = float(log_std_max);
  const T x = out.contiguous(), e = eps.contiguous(), a = at::empty({rows, d}, at::kFloat),
          log_prob = at::empty({rows}, at::kFloat);
  const T spread = at::empty({rows, d}, at::kFloat);
  nn::kernels::tanh_normal_sample(write(a), write(log_prob), write(spread), read(x), read(e), rows, d, low, high);
  if (graph(out))
    nn::attach<2, 2>(
        {a, log_prob}, {&out, &eps},
        [x = x.detach(), a = a.detach(), spread, rows, d, low, high](const auto&, const auto& g) {
          const T dout = at::empty_like(x), ga = g[0].defined() ? g[0].contiguous() : T(),
                  gl = g[1].defined() ? g[1].contiguous() : T();
          nn::kernels::tanh_normal_sample_backward(write(dout), ga.defined() ? read(ga) : nullptr,
                                                   gl.defined() ? read(gl) : nullptr, read(x), read(a), read(spread),
                                                   rows, d, low, high);
          return std::array<T, 2>{dout, T()};
        },
        twin);
  return {a, log_prob};
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::log_sum_exp_gap(const T& x, const T& q, double temperature) {
  using namespace nn::detail;
  const auto* const kernels = kernels_for(x, q);
  if ((!kernels && (!served(x) || !served(q))) || x.dim() != 3 || q.dim() != 2 || x.size(0) != q.size(0) ||
      x.size(1) != q.size(1) || x.numel() == 0 || (kernels && q.numel() > block_numbers))
    return plain::log_sum_exp_gap(x, q, temperature);
  const auto twin = [=](const std::array<T, 2>& in) {
    return std::array<T, 1>{plain::log_sum_exp_gap(in[0], in[1], temperature)};
  };
  if (kernels) {
    const T xs = x.detach().contiguous(), y = kernels->log_sum_exp_gap(xs, q.detach().contiguous(), temperature);
    if (graph(x) || graph(q))
      nn::attach<1, 2>(
          {y}, {&x, &q},
          [=](const auto&, const auto& g) {
            return kernels->log_sum_exp_gap_backward(g[0].contiguous(), xs, temperature);
          },
          twin);
    return y;
  }
  const T xs = x.contiguous(), qs = q.contiguous(), dx = at::empty_like(xs);
  const float value =
      nn::kernels::log_sum_exp_gap(write(dx), read(xs), read(qs), x.size(0), x.size(1), x.size(2), float(temperature));
  if (!graph(x) && !graph(q)) return scalar(value);
  const T y = scalar(value);
  nn::attach<1, 2>(
      {y}, {&x, &q},
      [dx, members = q.size(0), n = q.size(1)](const auto& node, const auto& g) {
        std::array<T, 2> d;
        const float f = *read(g[0]);
        if (node.wants(0)) {
          d[0] = at::empty_like(dx);
          nn::kernels::times(write(d[0]), read(dx), dx.numel(), f);
        }
        if (node.wants(1)) d[1] = at::full({members, n}, -f / float(n), at::kFloat);
        return d;
      },
      twin);
  return y;
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::bounded_normal_nll(const T& out, const T& low, const T& high, const T& y,
                                                                double beta) {
  return bounded_normal_nll(out, low, high, y, T(), beta);
}
TESSERA_INLINE at::Tensor nodes<at::Tensor>::bounded_normal_nll(const T& out, const T& low, const T& high, const T& y,
                                                                const T& weight, double beta) {
  using namespace nn::detail;
  const auto twin = [weight, beta](const T& o, const T& l, const T& h, const T& wanted) {
    return weight.defined() ? plain::bounded_normal_nll(o, l, h, wanted, weight, beta)
                            : plain::bounded_normal_nll(o, l, h, wanted, beta);
  };
  const auto* const kernels =
      weight.defined() ? kernels_for(out, low, high, y, weight) : kernels_for(out, low, high, y);
  const auto read_here = [&](const T& one) { return kernels != nullptr || served(one); };
  if (!read_here(out) || !read_here(low) || !read_here(high) || !read_here(y) || graph(y) || out.dim() != 3 ||
      y.dim() != 3 || y.numel() == 0 || out.size(0) != y.size(0) || out.size(1) != y.size(1) ||
      out.size(2) != 2 * y.size(2) || low.dim() != 1 || high.dim() != 1 || low.size(0) != y.size(2) ||
      high.size(0) != y.size(2) ||
      (weight.defined() && (!read_here(weight) || graph(weight) || weight.sizes() != y.sizes())))
    return twin(out, low, high, y);
  const T x = out.stride(2) == 1 ? out : out.contiguous(), wanted = y.stride(2) == 1 ? y : y.contiguous(),
          l = low.contiguous(), h = high.contiguous();
  const T w = weight.defined() ? weight.contiguous() : T();
  if (kernels) {
    const T o = x.detach(), from = l.detach(), to = h.detach(),
            value = kernels->bounded_normal_nll(o, from, to, wanted, w, beta);
    if (graph(out) || graph(low) || graph(high))
      nn::attach<1, 4>(
          {value}, {&out, &low, &high, &y},
          [=](const auto&, const auto& g) {
            auto [dout, dlow, dhigh] =
                kernels->bounded_normal_nll_backward(g[0].contiguous(), o, from, to, wanted, w, beta);
            return std::array<T, 4>{dout, dlow, dhigh, T()};
          },
          [twin](const std::array<T, 4>& in) { return std::array<T, 1>{twin(in[0], in[1], in[2], in[3])}; });
    return value;
  }
  const auto d = y.size(2), batch = y.size(1), rows = y.size(0) * batch;
  const nn::kernels::bounded_normal_shape s{d, batch, x.stride(0), x.stride(1), wanted.stride(0), wanted.stride(1)};
  // Each task has a sum and gradients of the bounds of its own.
  const auto tasks = std::clamp<std::int64_t>(rows * d / min_numbers, 1, nn::pool().threads());
  const T dout = at::empty(out.sizes(), at::kFloat), values = at::empty({tasks}, at::kFloat),
          bounds = at::empty({2, tasks, d}, at::kFloat);
  auto task = [&](std::int64_t t) {
    write(values)[t] = nn::kernels::bounded_normal_nll(
        write(dout), write(bounds) + t * d, write(bounds) + (tasks + t) * d, read(x), read(wanted),
        w.defined() ? read(w) : nullptr, read(l), read(h), rows * t / tasks, rows * (t + 1) / tasks, s,
        1.0f / float(batch * d), float(beta));
  };
  nn::pool().run(tasks, task);
  const T value = scalar(std::accumulate(read(values), read(values) + tasks, 0.0f));
  if (!graph(out) && !graph(low) && !graph(high)) return value;
  nn::attach<1, 4>(
      {value}, {&out, &low, &high, &y},
      [dout, bounds, tasks, d](const auto& node, const auto& g) {
        std::array<T, 4> all;
        const float f = *read(g[0]);
        if (node.wants(0)) {
          all[0] = f == 1 ? dout : at::empty_like(dout);
          if (f != 1) nn::kernels::times(write(all[0]), read(dout), dout.numel(), f);
        }
        for (std::size_t i = 1; i <= 2; ++i)
          if (node.wants(i)) {
            all[i] = at::empty({d}, at::kFloat);
            nn::kernels::add_members(write(all[i]), read(bounds) + std::int64_t(i - 1) * tasks * d, tasks, d, d);
            if (f != 1) all[i].mul_(f);
          }
        return all;
      },
      [twin](const std::array<T, 4>& in) { return std::array<T, 1>{twin(in[0], in[1], in[2], in[3])}; });
  return value;
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::td_target(const T& reward, double discount, const T& not_done,
                                                       const T& next_value) {
  using namespace nn::detail;
  const auto* const kernels = kernels_for(next_value, reward, not_done);
  if ((!kernels && (!served(reward) || !served(not_done) || !served(next_value))) || graph(reward) || graph(not_done) ||
      graph(next_value) || next_value.dim() != 1 || reward.sizes() != next_value.sizes() ||
      not_done.sizes() != next_value.sizes())
    return plain::td_target(reward, discount, not_done, next_value);
  if (kernels)
    return kernels->td_target(reward.detach(), discount, not_done.detach(), next_value.detach().contiguous());
  const T v = next_value.contiguous(), y = at::empty(v.sizes(), at::kFloat);
  nn::kernels::td_target(write(y), read(reward), reward.stride(0), read(not_done), not_done.stride(0), read(v),
                         v.numel(), float(discount));
  return y;
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::exp_weight(const T& advantage, double beta, double max_weight) {
  using namespace nn::detail;
  const auto* const kernels = kernels_for(advantage);
  if ((!kernels && !served(advantage)) || graph(advantage)) return plain::exp_weight(advantage, beta, max_weight);
  if (kernels) return kernels->exp_weight(advantage.detach().contiguous(), beta, max_weight);
  const T a = advantage.contiguous(), w = at::empty(a.sizes(), at::kFloat);
  nn::kernels::exp_weight(write(w), read(a), a.numel(), float(beta), float(max_weight));
  return w;
}

TESSERA_INLINE at::Tensor nodes<at::Tensor>::batch_mean(const T& x) {
  auto* const joint = nn::JointUpdates::here();
  return joint ? joint->mean(x.detach().mean()) : x.mean();
}
TESSERA_INLINE at::Tensor nodes<at::Tensor>::batch_max(const T& x) {
  auto* const joint = nn::JointUpdates::here();
  return joint ? joint->max(x.detach().amax(0)) : x.amax(0);
}
TESSERA_INLINE at::Tensor nodes<at::Tensor>::batch_softmax(const T& x) {
  auto* const joint = nn::JointUpdates::here();
  if (!joint) return plain::batch_softmax(x);
  const auto w = (x.detach() - batch_max(x)).exp();
  return w / joint->mean(w.sum());
}
}  // namespace tessera::math
