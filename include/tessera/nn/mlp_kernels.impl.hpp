#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE void MlpTrace::resize(const Mlp& mlp, std::int64_t states, std::int64_t repeat) {
  if (states == states_ && repeat == repeat_) return;
  states_ = states, repeat_ = repeat;
  offsets_.clear();
  std::int64_t size = 0;
  auto take = [&](std::int64_t rows, std::int64_t width) {
    const auto at = size;
    size += (mlp.members() * rows * width + 15) / 16 * 16;
    return at;
  };
  if (repeat > 1) take(states, mlp.layers().front().out);
  for (std::size_t i = 0; i + 1 < mlp.layers().size(); ++i) {
    const auto& l = mlp.layers()[i];
    offsets o;
    if (keeps(i)) {
      o.activation = take(states * repeat, l.out);
      if (keeps_slope(mlp)) o.slope = take(states * repeat, l.out);
      if (l.gain >= 0) o.normalized = take(states * repeat, l.out), o.inverse_std = take(states * repeat, 1);
    }
    offsets_.push_back(o);
  }
  if (!memory_.defined() || memory_.numel() < size) memory_ = at::empty({size}, at::kFloat);
}

TESSERA_INLINE MlpTrace::layer MlpTrace::at(std::size_t i, std::int64_t member, std::int64_t row, std::int64_t width) {
  const auto& o = offsets_[i];
  const auto place = [&](std::int64_t offset, std::int64_t columns) {
    return offset < 0 ? nullptr : memory_.data_ptr<float>() + offset + (member * states_ * repeat_ + row) * columns;
  };
  return {place(o.activation, width), place(o.slope, width), place(o.normalized, width), place(o.inverse_std, 1)};
}

TESSERA_INLINE float* MlpTrace::shared(std::int64_t member, std::int64_t state, std::int64_t width) {
  return memory_.data_ptr<float>() + (member * states_ + state) * width;
}
TESSERA_INLINE float* MlpTrace::input_gradient(std::int64_t size) {
  if (std::int64_t(input_gradient_.size()) < size) input_gradient_.resize(std::size_t(size));
  return input_gradient_.data();
}

TESSERA_INLINE MlpInput MlpInput::of(std::int64_t member) const {
  MlpInput x = *this;
  x.state += member * member_stride;
  return x;
}

TESSERA_INLINE MlpKernels::Shares::share MlpKernels::Shares::operator[](std::int64_t task) const {
  if (task < whole) return {task, 0, 1};
  return {whole + (task - whole) / slices, (task - whole) % slices, slices};
}

TESSERA_INLINE MlpKernels::Shares MlpKernels::shares(std::int64_t units, std::int64_t rows, double price) {
  const std::int64_t threads = pool().threads(), rest = units % threads,
                     max = std::clamp<std::int64_t>(rows / 32, 1, threads);
  Shares best{units, units - rest, 1};
  if (rest == 0) return best;
  double min = std::numeric_limits<double>::infinity();
  for (std::int64_t s = 1; s <= max; ++s) {
    const double rounds = double((rest * s + threads - 1) / threads), time = rounds / double(s) + double(s) * price;
    if (time < min) best.slices = s, min = time;
  }
  return best;
}

TESSERA_INLINE MlpKernels::Shares MlpKernels::backward_shares(std::int64_t members, std::int64_t rows) {
  const std::int64_t threads = pool().threads();
  return shares(members, rows, double(members % threads) / double(16 * threads));
}

TESSERA_INLINE void MlpKernels::forward(const Mlp& mlp, const float* parameters, std::int64_t members,
                                        const MlpInput* inputs, std::int64_t count, std::int64_t states,
                                        float* const* out, MlpTrace* trace) {
  const auto& l = mlp.layers().front();
  const auto repeat = inputs->repeat;
  const auto tasks = of_states(shares(members * count, states * repeat), states);
  auto task = [&](std::int64_t t) {
    const auto [unit, slice, slices] = tasks[t];
    const std::int64_t k = unit % count, member = unit / count, from = states * slice / slices,
                       to = states * (slice + 1) / slices;
    const MlpInput x = inputs[k].of(member);
    MlpTrace* const kept = k == 0 ? trace : nullptr;
    const float* const w = parameters + member * mlp.row();
    float* shared = nullptr;
    if (repeat > 1) {
      shared = kept ? kept->shared(member, from, l.out) : scratch(4, (to - from) * l.out);
      share(mlp, w, x, from, to - from, shared);
    }
    in_blocks(mlp, x, shared, from, to, [&](const block& b) {
      forward_block(mlp, w, b, member, out[k] + (member * states * repeat + b.row) * mlp.top().outputs, kept);
    });
  };
  run_pass(tasks.count(), task);
}

TESSERA_INLINE void MlpKernels::share(const Mlp& mlp, const float* w, const MlpInput& x, std::int64_t from,
                                      std::int64_t states, float* to) {
  const auto& l = mlp.layers().front();
  gemm(false, false, states, l.out, x.state_size, x.state + from * x.state_stride, x.state_stride, w + l.weight, l.out,
       0.0f, to, l.out);
  kernels::add_bias(to, w + l.bias, states, l.out);
}

TESSERA_INLINE void MlpKernels::flow(const Mlp& mlp, const float* parameters, const MlpInput& noise,
                                     std::int64_t states, std::int64_t steps, bool midpoint, float* out) {
  const std::int64_t repeat = noise.repeat, d = noise.action_size, width = mlp.layers().front().out;
  // The rows that the network is called with: all of [s, x, t]; or [x, t] alone, and the states' share is found once.
  const std::int64_t before = repeat == 1 ? noise.state_size : 0, columns = before + d + 1;
  const double h = 1.0 / double(steps);
  const auto tasks = of_states(shares(1, states * repeat), states);
  auto task = [&](std::int64_t t) {
    const auto [unit, slice, slices] = tasks[t];
    const std::int64_t first = states * slice / slices, last = states * (slice + 1) / slices;
    float* shared = nullptr;
    if (repeat > 1) share(mlp, parameters, noise, first, last - first, shared = scratch(4, (last - first) * width));
    in_blocks(mlp, noise, shared, first, last, [&](block b) {
      float *const rows = scratch(3, b.rows * columns), *const x = out + b.row * d, *const v = scratch(5, b.rows * d);
      for (std::int64_t i = 0; i < b.rows; ++i) {
        const float *const s = noise.state + (b.row + i) / repeat * noise.state_stride, *const z =
                                                                                            noise.action +
                                                                                            (b.row + i) *
                                                                                                noise.action_stride;
        std::copy(s, s + before, rows + i * columns);
        std::copy(z, z + d, x + i * d);
      }
      b.x = rows, b.stride = columns, b.action_size = d + 1;
      // v <- factor v(s, at, time)
      const auto velocity = [&](const float* at, double time, double factor) {
        for (std::int64_t i = 0; i < b.rows; ++i)
          *std::copy(at + i * d, at + (i + 1) * d, rows + i * columns + before) = float(time);
        forward_block(mlp, parameters, b, 0, v, nullptr);
        kernels::times(v, float(factor), b.rows * d);
      };
      for (std::int64_t k = 0; k < steps; ++k) {
        const double time = double(k) * h;
        velocity(x, time, midpoint ? 0.5 * h : h);
        if (midpoint) {
          float* const middle = scratch(6, b.rows * d);
          std::copy(x, x + b.rows * d, middle);
          kernels::add_columns(middle, v, 1, b.rows * d);
          velocity(middle, time + 0.5 * h, h);
        }
        kernels::add_columns(x, v, 1, b.rows * d);
      }
    });
  };
  run_pass(tasks.count(), task);
}

TESSERA_INLINE void MlpKernels::backward(const Mlp& mlp, const float* parameters, std::int64_t members, float* gradient,
                                         std::int64_t gradient_parts, const MlpInput& input, std::int64_t states,
                                         const float* dout, MlpTrace& trace, float* dstate, float* daction) {
  const auto& l = mlp.layers().front();
  const std::int64_t repeat = input.repeat, n = input.state_size, d = input.action_size, actions = l.weight + n * l.out;
  auto tasks = of_states(backward_shares(members, states * repeat), states);
  if (gradient) tasks.slices = std::min(tasks.slices, gradient_parts);
  // Each member writes its own gradient of the input.
  const std::int64_t state_numbers = dstate && !input.apart ? states * n : 0,
                     action_numbers = daction ? states * repeat * d : 0;
  float *ds = dstate, *da = daction;
  if (members > 1 && state_numbers + action_numbers > 0) {
    float* const each = trace.input_gradient(members * (state_numbers + action_numbers));
    if (state_numbers > 0) ds = each;
    da = each + members * state_numbers;
  }
  auto task = [&](std::int64_t t) {
    const auto [member, slice, slices] = tasks[t];
    const std::int64_t from = states * slice / slices, to = states * (slice + 1) / slices;
    const MlpInput x = input.of(member);
    const float* const w = parameters + member * mlp.row();
    float* const g = gradient ? gradient + (slice * mlp.members() + member) * mlp.row() : nullptr;
    float* const shared = repeat > 1 ? trace.shared(member, from, l.out) : nullptr;
    float* const summed = repeat > 1 ? scratch(5, (to - from) * l.out) : nullptr;
    in_blocks(mlp, x, shared, from, to, [&](const block& b) {
      const float* const dz =
          backward_block(mlp, w, g, b, member, dout + (member * states * repeat + b.row) * mlp.top().outputs, trace);
      if (daction) through(da + (member * states * repeat + b.row) * d, dz, w + actions, b.rows, l.out, d);
      if (summed) {
        kernels::collect(summed + (b.state - from) * l.out, g ? g + actions : nullptr, dz, b.x, b.stride, b.states,
                         repeat, l.out, d);
        return;
      }
      if (g) add_gradient(g, l, l.in, b.x, b.stride, dz, b.rows);
      if (dstate) through(ds + (member * states + b.state) * n, dz, w + l.weight, b.rows, l.out, n);
    });
    if (!summed) return;
    if (g) add_gradient(g, l, n, x.state + from * x.state_stride, x.state_stride, summed, to - from);
    if (dstate) through(ds + (member * states + from) * n, summed, w + l.weight, to - from, l.out, n);
  };
  run_pass(tasks.count(), task);
  if (members > 1 && state_numbers > 0) kernels::add_members(dstate, ds, members, state_numbers, state_numbers);
  if (members > 1 && action_numbers > 0) kernels::add_members(daction, da, members, action_numbers, action_numbers);
}

TESSERA_INLINE MlpKernels::Shares MlpKernels::of_states(Shares tasks, std::int64_t states) {
  tasks.slices = std::min(tasks.slices, std::max<std::int64_t>(1, states));
  return tasks;
}

TESSERA_INLINE float* MlpKernels::scratch(int which, std::int64_t size) {
  thread_local std::vector<float> memory[7];
  if (std::int64_t(memory[which].size()) < size) memory[which].resize(std::size_t(size));
  return memory[which].data();
}

TESSERA_INLINE std::pair<const float*, std::int64_t> MlpKernels::packed(const MlpInput& x, std::int64_t from,
                                                                        std::int64_t rows) {
  const float *s = x.state + from * x.state_stride, *a = x.action + from * x.action_stride;
  if (x.whole()) return {s, x.state_stride};
  float* const to = scratch(3, rows * x.size());
  for (std::int64_t i = 0; i < rows; ++i, s += x.state_stride, a += x.action_stride)
    std::copy(a, a + x.action_size, std::copy(s, s + x.state_size, to + i * x.size()));
  return {to, x.size()};
}

TESSERA_INLINE std::int64_t MlpKernels::widest(const Mlp& mlp) {
  std::int64_t width = 0;
  for (const auto& l : mlp.layers()) width = std::max(width, l.out);
  return width;
}

TESSERA_INLINE const float* MlpKernels::columns(const float* w, const Mlp::layer& l) {
  if (l.out == 1) return w;
  float* c = scratch(2, 2 * l.in * l.out);
  for (std::int64_t i = 0; i < l.in; ++i)
    for (std::int64_t j = 0; j < l.out; ++j) c[j * l.in + i] = w[i * l.out + j];
  return c;
}

TESSERA_INLINE void MlpKernels::forward_layer(const Mlp& mlp, std::size_t i, const float* w, const block& b,
                                              const float* h, std::int64_t stride, const MlpTrace::layer& to) {
  const auto& l = mlp.layers()[i];
  const bool last = i + 1 == mlp.layers().size(),
             bare_relu = !last && l.gain < 0 && mlp.activation() == tessera::activation::relu;
  float* const z = to.activation;
  const float* bias = w + l.bias;
  if (i == 0 && b.repeat > 1) {
    kernels::spread(z, b.shared, b.x, b.stride, w + l.weight + (l.in - b.action_size) * l.out, b.rows, b.repeat, l.out,
                    b.action_size, bare_relu);
    if (last || bare_relu) return;
    bias = nullptr;  // the states' share includes it
  } else {
    gemm(false, false, b.rows, l.out, l.in, h, stride, w + l.weight, l.out, 0.0f, z, l.out);
  }
  const auto norm = [&] {
    kernels::normalize(to.normalized, to.inverse_std, z, b.rows, l.out, float(mlp.norm_epsilon()));
    kernels::scale(z, to.normalized, w + l.gain, w + l.shift, b.rows, l.out);
  };
  const bool first_norm = l.gain >= 0 && !mlp.norm_last();
  if (last || first_norm) {
    if (bias) kernels::add_bias(z, bias, b.rows, l.out);
    if (last) return;
    norm();
    bias = nullptr;
  }
  activate(mlp.activation(), z, to.slope, bias, b.rows, l.out);
  if (l.gain < 0 || first_norm) return;
  if (to.slope && mlp.derivative_needs_output())
    kernels::slope_of_output(to.slope, z, b.rows * l.out, mlp.activation() == tessera::activation::relu);
  norm();
}

TESSERA_INLINE void MlpKernels::forward_block(const Mlp& mlp, const float* w, const block& b, std::int64_t member,
                                              float* out, MlpTrace* trace) {
  const float* h = b.x;
  std::int64_t stride = b.stride;
  for (std::size_t i = 0; i < mlp.layers().size(); ++i) {
    const auto& l = mlp.layers()[i];
    MlpTrace::layer to{out, nullptr, nullptr, nullptr};
    if (i + 1 == mlp.layers().size()) {
      if (is_narrow(l) && stride == l.in && (i > 0 || b.repeat == 1))
        return kernels::narrow(out, h, columns(w + l.weight, l), w + l.bias, b.rows, l.in, l.out);
    } else if (trace && trace->keeps(i)) {
      to = trace->at(i, member, b.row, l.out);
    } else {
      const auto n = b.rows * widest(mlp);
      to.activation = scratch(int(i % 2), n);
      if (l.gain >= 0) to.normalized = scratch(2, n + b.rows), to.inverse_std = to.normalized + n;
    }
    forward_layer(mlp, i, w, b, h, stride, to);
    h = to.activation, stride = l.out;
  }
}

TESSERA_INLINE MlpTrace::layer MlpKernels::kept(const Mlp& mlp, std::size_t i, const float* w, const block& b,
                                                std::int64_t member, MlpTrace& trace) {
  const auto& l = mlp.layers()[i];
  if (trace.keeps(i)) return trace.at(i, member, b.row, l.out);
  const auto n = b.rows * l.out;
  float* const memory = scratch(6, 3 * n + b.rows);
  const MlpTrace::layer again{memory, MlpTrace::keeps_slope(mlp) ? memory + n : nullptr, memory + 2 * n,
                              memory + 3 * n};
  forward_layer(mlp, i, w, b, b.x, b.stride, again);
  return again;
}

TESSERA_INLINE const float* MlpKernels::backward_block(const Mlp& mlp, const float* w, float* gradient, const block& b,
                                                       std::int64_t member, const float* dout, MlpTrace& trace) {
  const auto depth = mlp.layers().size();
  const float* g = dout;
  for (std::size_t i = depth; --i > 0;) {
    const auto &l = mlp.layers()[i], &below = mlp.layers()[i - 1];
    const auto h = kept(mlp, i - 1, w, b, member, trace);
    float* const dh = scratch(int(i % 2), b.rows * widest(mlp));
    if (i + 1 == depth && is_narrow(l)) {
      const float* c = columns(w + l.weight, l);
      float* cg = gradient ? (l.out == 1 ? gradient + l.weight : scratch(2, 2 * l.in * l.out) + l.in * l.out) : nullptr;
      if (cg) kernels::add_columns(gradient + l.bias, g, b.rows, l.out);
      if (cg && l.out > 1) std::fill(cg, cg + l.in * l.out, 0.0f);
      kernels::narrow_backward(dh, cg, g, h.activation, c, b.rows, l.in, l.out);
      if (cg && l.out > 1)
        for (std::int64_t k = 0; k < l.in; ++k)
          for (std::int64_t j = 0; j < l.out; ++j) gradient[l.weight + k * l.out + j] += cg[j * l.in + k];
    } else {
      if (gradient) add_gradient(gradient, l, l.in, h.activation, l.in, g, b.rows);
      gemm(false, true, b.rows, l.in, l.out, g, l.out, w + l.weight, l.out, 0.0f, dh, l.in);
    }
    // Back through the activation, and the normalization, of the layer below.
    const auto through_norm = [&] {
      kernels::normalize_backward(dh, h.normalized, h.inverse_std, w + below.gain,
                                  gradient ? gradient + below.gain : nullptr,
                                  gradient ? gradient + below.shift : nullptr, b.rows, below.out);
    };
    if (below.gain >= 0 && mlp.norm_last()) through_norm();
    if (mlp.norm_last()) kernels::slope_backward(dh, h.slope, b.rows * below.out);
    else activate_backward(mlp.activation(), dh, h, b.rows * below.out);
    if (below.gain >= 0 && !mlp.norm_last()) through_norm();
    g = dh;
  }
  return g;
}

TESSERA_INLINE void MlpKernels::add_gradient(float* gradient, const Mlp::layer& l, std::int64_t in, const float* x,
                                             std::int64_t stride, const float* g, std::int64_t rows) {
  kernels::add_columns(gradient + l.bias, g, rows, l.out);
  gemm(true, false, in, l.out, rows, x, stride, g, l.out, 1.0f, gradient + l.weight, l.out);
}

TESSERA_INLINE void MlpKernels::through(float* dx, const float* g, const float* w, std::int64_t rows,
                                        std::int64_t width, std::int64_t columns) {
  if (columns <= narrow_columns) kernels::narrow(dx, g, w, nullptr, rows, width, columns);
  else gemm(false, true, rows, columns, width, g, width, w, width, 0.0f, dx, columns);
}

TESSERA_INLINE void MlpKernels::activate(activation f, float* a, float* slope, const float* bias, std::int64_t rows,
                                         std::int64_t n) {
  switch (f) {
    case activation::relu:
      return kernels::relu(a, bias, rows, n);
    case activation::gelu:
      return kernels::gelu(a, slope, bias, rows, n);
    case activation::tanh:
      return kernels::tanh(a, bias, rows, n);
    case activation::silu:
      return kernels::silu(a, slope, bias, rows, n);
  }
}

TESSERA_INLINE void MlpKernels::activate_backward(activation f, float* g, const MlpTrace::layer& kept, std::int64_t n) {
  switch (f) {
    case activation::relu:
      return kernels::relu_backward(g, kept.activation, n);
    case activation::tanh:
      return kernels::tanh_backward(g, kept.activation, n);
    case activation::gelu:
    case activation::silu:
      return kernels::slope_backward(g, kept.slope, n);
  }
}
}  // namespace tessera::nn
