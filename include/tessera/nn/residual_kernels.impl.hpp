#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/residual_kernels.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::nn {
TESSERA_INLINE ResidualKernels::shape::shape(const Mlp& m)
    : mlp(m), frequencies(m.residual_options().frequencies),
      codes(std::int64_t(m.residual_options().time_hidden.size())), blocks(m.residual_options().blocks),
      features(m.inputs() - 1), width(m.residual_options().width),
      inner(m.residual_options().width * m.residual_options().expansion), outputs(m.top().outputs) {}

TESSERA_INLINE std::int64_t ResidualKernels::code_parts::size(const shape& s, std::int64_t times) {
  std::int64_t columns = 2 * s.frequencies + s.width;
  for (std::int64_t i = 0; i < s.codes; ++i) columns += 2 * s.code(i).out;
  return times * columns;
}
TESSERA_INLINE float* ResidualKernels::code_parts::activation(std::int64_t i) const {
  std::int64_t columns = 2 * s.frequencies;
  for (std::int64_t k = 0; k < i; ++k) columns += 2 * s.code(k).out;
  return numbers + times * columns;
}

TESSERA_INLINE std::int64_t ResidualKernels::kept_rows::size(const shape& s, std::int64_t rows) {
  return rows * (s.features + s.blocks * block_columns(s) + 2 * s.width);
}
TESSERA_INLINE float* ResidualKernels::kept_rows::block(std::int64_t b) const {
  return memory + rows * (s.features + b * block_columns(s));
}

TESSERA_INLINE std::int64_t ResidualKernels::row_gradients::size(const shape& s, std::int64_t rows,
                                                                 std::int64_t slices) {
  return rows * ((s.blocks + 1) * s.width + s.blocks * s.inner + s.features + 1) + slices * s.blocks * 2 * s.width;
}
TESSERA_INLINE float* ResidualKernels::row_gradients::norms(std::int64_t slice) const {
  return input() + rows * (s.features + 1) + slice * s.blocks * 2 * s.width;
}

TESSERA_INLINE void ResidualKernels::forward(const Mlp& mlp, const float* parameters, std::int64_t members,
                                             const MlpInput* inputs, std::int64_t count, std::int64_t states,
                                             float* const* out, MlpTrace* trace) {
  const shape s(mlp);
  const std::int64_t rows = states * inputs->repeat, units = members * count, kept_size = kept_rows::size(s, rows);
  // A reference: inside a task the name would mean the task's thread's.
  thread_local std::vector<TimeCode> passing;
  std::vector<TimeCode>& others = passing;
  ResidualTrace* const to = trace ? &trace->residual() : nullptr;
  if (others.size() < std::size_t(units)) others.resize(std::size_t(units));
  if (to && to->codes.size() < std::size_t(members)) to->codes.resize(std::size_t(members));
  float* const memory = to ? grown(to->forward, members * kept_size) : nullptr;
  const auto code = [&](std::int64_t unit) -> TimeCode& {
    return to && unit % count == 0 ? to->codes[std::size_t(unit / count)] : others[std::size_t(unit)];
  };

  auto times = [&](std::int64_t unit) {
    const std::int64_t k = unit % count, member = unit / count;
    encode(s, parameters + member * mlp.row(), inputs[k].of(member), rows, code(unit));
  };
  run_pass(units, times);

  const auto tasks = MlpKernels::shares(units, rows);
  auto task = [&](std::int64_t t) {
    const auto [unit, slice, slices] = tasks[t];
    const std::int64_t k = unit % count, member = unit / count;
    const MlpInput x = inputs[k].of(member);
    const kept_rows kept{s, memory ? memory + member * kept_size : nullptr, rows};
    in_blocks(rows * slice / slices, rows * (slice + 1) / slices, [&, unit = unit](std::int64_t from, std::int64_t n) {
      forward_rows(s, parameters + member * mlp.row(), x, code(unit), from, n,
                   out[k] + (member * rows + from) * s.outputs, to && k == 0 ? &kept : nullptr);
    });
  };
  run_pass(tasks.count(), task);
}

TESSERA_INLINE void ResidualKernels::backward(const Mlp& mlp, const float* parameters, std::int64_t members,
                                              float* gradient, std::int64_t /*gradient_parts*/, const MlpInput& input,
                                              std::int64_t states, const float* dout, MlpTrace& trace, float* dstate,
                                              float* daction) {
  const shape s(mlp);
  const std::int64_t rows = states * input.repeat;
  const auto tasks = MlpKernels::shares(members, rows);
  const std::int64_t kept_size = kept_rows::size(s, rows), size = row_gradients::size(s, rows, tasks.slices);
  ResidualTrace& from = trace.residual();
  float *const kept_memory = from.forward.data_ptr<float>(), *const memory = grown(from.backward, members * size);
  const auto kept = [&](std::int64_t m) { return kept_rows{s, kept_memory + m * kept_size, rows}; };
  const auto gradients = [&](std::int64_t m) { return row_gradients{s, memory + m * size, rows}; };
  const bool of_input = dstate || daction;
  std::vector<std::vector<float>> slopes(std::size_t(of_input ? members : 0));
  for (std::size_t m = 0; m < slopes.size(); ++m)
    share_slope(s, parameters + std::int64_t(m) * mlp.row(), from.codes[m], slopes[m]);

  auto through_rows = [&](std::int64_t t) {
    const auto [member, slice, slices] = tasks[t];
    const float* const w = parameters + member * mlp.row();
    const auto g = gradients(member);
    std::fill(g.norms(slice), g.norms(slice + 1), 0.0f);
    in_blocks(rows * slice / slices, rows * (slice + 1) / slices,
              [&, m = member, norms = g.norms(slice)](std::int64_t first, std::int64_t n) {
                backward_rows(s, w, first, n, dout + (m * rows + first) * s.outputs, kept(m), g, norms);
                if (of_input)
                  input_gradient(s, w, from.codes[std::size_t(m)], slopes[std::size_t(m)].data(), first, n, g);
              });
  };
  run_pass(tasks.count(), through_rows);

  if (of_input) {
    const std::int64_t n = input.state_size, d = input.action_size, columns = n + d;
    if (dstate) std::fill(dstate, dstate + (input.apart ? members : 1) * states * n, 0.0f);
    if (daction) std::fill(daction, daction + rows * d, 0.0f);
    for (std::int64_t m = 0; m < members; ++m)
      for (std::int64_t r = 0; r < rows; ++r) {
        const float* const dx = gradients(m).input() + r * columns;
        const auto state = (input.apart ? m * states : 0) + r / input.repeat;
        for (std::int64_t j = 0; dstate && j < n; ++j) dstate[state * n + j] += dx[j];
        for (std::int64_t j = 0; daction && j < d; ++j) daction[r * d + j] += dx[n + j];
      }
  }
  if (!gradient || rows == 0) return;

  // Pieces of the layers' weights: some rows of one, with all its columns.
  struct piece {
    const Mlp::layer* layer;
    std::int64_t from, rows;
    const float *in, *dout;
  };
  std::vector<piece> pieces;
  for (std::int64_t m = 0; m < members; ++m) {
    const auto cut = [&](const Mlp::layer& l, std::int64_t in, const float* x, const float* g) {
      const std::int64_t parts = std::clamp<std::int64_t>(in * l.out / piece_numbers, 1, std::max<std::int64_t>(in, 1));
      for (std::int64_t i = 0; i < parts; ++i)
        pieces.push_back({&l, in * i / parts, in * (i + 1) / parts - in * i / parts, x, g});
    };
    const auto k = kept(m);
    const auto g = gradients(m);
    for (std::int64_t b = 0; b < s.blocks; ++b) {
      cut(s.into(b), s.width, k.scaled(b), g.inner(b));
      cut(s.out_of(b), s.inner, k.inner(b), g.entering(b + 1));
    }
    cut(s.output(), s.width, k.last(), dout + m * rows * s.outputs);
    cut(s.input(), s.features, k.features(), g.entering(0));
  }
  const auto each = std::int64_t(pieces.size()) / members;  // and one task for the member's times, gains and shifts
  auto of_weights = [&](std::int64_t t) {
    const std::int64_t member = t / (each + 1), i = t % (each + 1);
    float* const to = gradient + member * mlp.row();
    if (i == each) {
      const auto g = gradients(member);
      code_gradient(s, parameters + member * mlp.row(), to, from.codes[std::size_t(member)], g);
      const auto slices = member < tasks.whole ? 1 : tasks.slices;
      for (std::int64_t b = 0; b < s.blocks; ++b)
        for (std::int64_t slice = 0; slice < slices; ++slice) {
          const float* const norms = g.norms(slice) + b * 2 * s.width;
          kernels::add_columns(to + s.into(b).gain, norms, 1, s.width);
          kernels::add_columns(to + s.into(b).shift, norms + s.width, 1, s.width);
        }
      return;
    }
    const piece& p = pieces[std::size_t(member * each + i)];
    const Mlp::layer& l = *p.layer;
    const std::int64_t in = &l == &s.input() ? s.features : l.in;
    gemm(true, false, p.rows, l.out, rows, p.in + p.from, in, p.dout, l.out, 1.0f, to + l.weight + p.from * l.out,
         l.out);
    if (p.from == 0 && &l != &s.input()) kernels::add_columns(to + l.bias, p.dout, rows, l.out);
  };
  run_pass(members * (each + 1), of_weights);
}

TESSERA_INLINE void ResidualKernels::find_times(const MlpInput& x, std::int64_t rows, TimeCode& code) {
  constexpr std::size_t most = 32;  // more would take longer to look through than their layers
  const bool apart = x.action_size > 0;
  const float* t = apart ? x.action + x.action_size - 1 : x.state + x.state_size - 1;
  const auto stride = apart ? x.action_stride : x.state_stride;
  auto& times = code.times;
  times.clear(), code.of_row.resize(std::size_t(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const float now = t[r * stride];
    const auto found = std::find(times.begin(), times.end(), now);
    code.of_row[std::size_t(r)] = std::int32_t(found - times.begin());
    if (found == times.end()) times.push_back(now);
    if (times.size() <= most) continue;
    times.clear();
    for (std::int64_t i = 0; i < rows; ++i)
      times.push_back(t[i * stride]), code.of_row[std::size_t(i)] = std::int32_t(i);
    return;
  }
}

TESSERA_INLINE void ResidualKernels::encode(const shape& s, const float* w, const MlpInput& x, std::int64_t rows,
                                            TimeCode& code) {
  find_times(x, rows, code);
  const auto times = std::int64_t(code.times.size()), f = s.frequencies;
  const auto size = std::size_t(code_parts::size(s, times));
  if (code.numbers.size() < size) code.numbers.resize(size);
  const code_parts to{s, code.numbers.data(), times};
  const float* const frequencies = w + s.mlp.frequencies();
  for (std::int64_t i = 0; i < times; ++i)
    for (std::int64_t j = 0; j < f; ++j) {
      const float phase = code.times[std::size_t(i)] * frequencies[j] * float(2 * std::numbers::pi);
      to.waves()[i * 2 * f + j] = std::cos(phase), to.waves()[i * 2 * f + f + j] = std::sin(phase);
    }
  const float* h = to.waves();
  for (std::int64_t i = 0; i < s.codes; ++i) {
    const auto& l = s.code(i);
    float* const a = to.activation(i);
    gemm(false, false, times, l.out, l.in, h, l.in, w + l.weight, l.out, 0.0f, a, l.out);
    if (i + 1 < s.codes) kernels::mish(a, to.slope(i), w + l.bias, times, l.out);
    else kernels::add_bias(a, w + l.bias, times, l.out);
    h = a;
  }
  const auto& l = s.input();
  gemm(false, false, times, l.out, s.code_width(), h, s.code_width(), w + l.weight + s.features * l.out, l.out, 0.0f,
       to.share(), l.out);
  kernels::add_bias(to.share(), w + l.bias, times, l.out);
}

TESSERA_INLINE void ResidualKernels::forward_rows(const shape& s, const float* w, const MlpInput& x,
                                                  const TimeCode& code, std::int64_t from, std::int64_t count,
                                                  float* out, const kept_rows* kept) {
  const std::int64_t n = s.features, width = s.width, inner = s.inner;
  const auto of_row = [&](float* first, std::int64_t columns) { return first + from * columns; };
  float* const features = kept ? of_row(kept->features(), n) : scratch(0, count * n);
  for (std::int64_t i = 0; i < count; ++i) {
    const float* const state = x.state + (from + i) / x.repeat * x.state_stride;
    const auto of_state = x.action_size > 0 ? x.state_size : n;
    float* const end = std::copy(state, state + of_state, features + i * n);
    const float* const action = x.action + (from + i) * x.action_stride;
    if (x.action_size > 0) std::copy(action, action + x.action_size - 1, end);
  }

  float* const z = kept ? of_row(kept->last(), width) : scratch(1, count * width);
  const code_parts times{s, const_cast<float*>(code.numbers.data()), std::int64_t(code.times.size())};
  kernels::take_rows(z, times.share(), code.of_row.data() + from, count, width);
  const auto& first = s.input();
  if (n > 0) gemm(false, false, count, width, n, features, n, w + first.weight, width, 1.0f, z, width);

  for (std::int64_t b = 0; b < s.blocks; ++b) {
    const auto &into = s.into(b), &out_of = s.out_of(b);
    float *const normalized = kept ? of_row(kept->normalized(b), width) : scratch(2, count * width),
                 *const scaled = kept ? of_row(kept->scaled(b), width) : scratch(3, count * width),
                 *const inverse = kept ? of_row(kept->inverse_std(b), 1) : scratch(4, count),
                 *const a = kept ? of_row(kept->inner(b), inner) : scratch(5, count * inner),
                 *const slope = kept ? of_row(kept->slope(b), inner) : nullptr;
    kernels::normalize(normalized, inverse, z, count, width, float(s.mlp.norm_epsilon()));
    kernels::scale(scaled, normalized, w + into.gain, w + into.shift, count, width);
    gemm(false, false, count, inner, width, scaled, width, w + into.weight, inner, 0.0f, a, inner);
    kernels::mish(a, slope, w + into.bias, count, inner);
    kernels::add_bias(z, w + out_of.bias, count, width);
    gemm(false, false, count, width, inner, a, inner, w + out_of.weight, width, 1.0f, z, width);
  }
  kernels::mish(z, kept ? of_row(kept->last_slope(), width) : nullptr, nullptr, count, width);
  const auto& last = s.output();
  gemm(false, false, count, s.outputs, width, z, width, w + last.weight, s.outputs, 0.0f, out, s.outputs);
  kernels::add_bias(out, w + last.bias, count, s.outputs);
}

TESSERA_INLINE void ResidualKernels::backward_rows(const shape& s, const float* w, std::int64_t from,
                                                   std::int64_t count, const float* dout, const kept_rows& kept,
                                                   const row_gradients& g, float* norms) {
  const std::int64_t width = s.width, inner = s.inner;
  const auto of_row = [&](float* first, std::int64_t columns) { return first + from * columns; };
  float* above = of_row(g.entering(s.blocks), width);
  gemm(false, true, count, width, s.outputs, dout, s.outputs, w + s.output().weight, s.outputs, 0.0f, above, width);
  kernels::slope_backward(above, of_row(kept.last_slope(), width), count * width);
  for (std::int64_t b = s.blocks; b-- > 0;) {
    const auto &into = s.into(b), &out_of = s.out_of(b);
    float *const da = of_row(g.inner(b), inner), *const dz = of_row(g.entering(b), width);
    gemm(false, true, count, inner, width, above, width, w + out_of.weight, width, 0.0f, da, inner);
    kernels::slope_backward(da, of_row(kept.slope(b), inner), count * inner);
    gemm(false, true, count, width, inner, da, inner, w + into.weight, inner, 0.0f, dz, width);
    kernels::normalize_backward(dz, of_row(kept.normalized(b), width), of_row(kept.inverse_std(b), 1), w + into.gain,
                                norms + b * 2 * width, norms + b * 2 * width + width, count, width);
    kernels::add_columns(dz, above, 1, count * width);  // past the block
    above = dz;
  }
}

TESSERA_INLINE void ResidualKernels::share_slope(const shape& s, const float* w, TimeCode& code,
                                                 std::vector<float>& slope) {
  const auto times = std::int64_t(code.times.size()), f = s.frequencies;
  const code_parts at{s, code.numbers.data(), times};
  const float *const frequencies = w + s.mlp.frequencies(), *const waves = at.waves();
  std::vector<float> now(std::size_t(times * 2 * f)), next;
  for (std::int64_t i = 0; i < times; ++i)
    for (std::int64_t j = 0; j < f; ++j) {
      const float rate = frequencies[j] * float(2 * std::numbers::pi);
      now[std::size_t(i * 2 * f + j)] = -rate * waves[i * 2 * f + f + j];
      now[std::size_t(i * 2 * f + f + j)] = rate * waves[i * 2 * f + j];
    }
  const auto through = [&](std::int64_t in, std::int64_t out, const float* weight) {
    next.resize(std::size_t(times * out));
    gemm(false, false, times, out, in, now.data(), in, weight, out, 0.0f, next.data(), out);
    now.swap(next);
  };
  for (std::int64_t i = 0; i < s.codes; ++i) {
    const auto& l = s.code(i);
    through(l.in, l.out, w + l.weight);
    if (i + 1 < s.codes) kernels::slope_backward(now.data(), at.slope(i), times * l.out);
  }
  through(s.code_width(), s.width, w + s.input().weight + s.features * s.width);
  slope.swap(now);
}

TESSERA_INLINE void ResidualKernels::input_gradient(const shape& s, const float* w, const TimeCode& code,
                                                    const float* slope, std::int64_t from, std::int64_t count,
                                                    const row_gradients& g) {
  const std::int64_t n = s.features, width = s.width;
  const float* const dz = g.entering(0) + from * width;
  float* const dx = g.input() + from * (n + 1);
  gemm(false, true, count, n, width, dz, width, w + s.input().weight, width, 0.0f, dx, n + 1);
  for (std::int64_t i = 0; i < count; ++i)
    kernels::narrow(dx + i * (n + 1) + n, dz + i * width, slope + code.of_row[std::size_t(from + i)] * width, nullptr,
                    1, width, 1);
}

TESSERA_INLINE void ResidualKernels::code_gradient(const shape& s, const float* w, float* gradient, TimeCode& code,
                                                   const row_gradients& g) {
  const auto times = std::int64_t(code.times.size()), f = s.frequencies, width = s.width;
  const code_parts at{s, code.numbers.data(), times};
  std::int64_t widest = std::max(2 * f, width);
  for (std::int64_t i = 0; i < s.codes; ++i) widest = std::max(widest, s.code(i).out);
  float *dcode = scratch(0, times * widest), *below = scratch(1, times * widest);
  std::fill(dcode, dcode + times * width, 0.0f);
  kernels::add_rows(dcode, g.entering(0), code.of_row.data(), g.rows, width);

  const auto& first = s.input();
  kernels::add_columns(gradient + first.bias, dcode, times, width);
  const float* h = at.activation(s.codes - 1);
  const std::int64_t in = s.code_width(), offset = first.weight + s.features * width;
  gemm(true, false, in, width, times, h, in, dcode, width, 1.0f, gradient + offset, width);
  gemm(false, true, times, in, width, dcode, width, w + offset, width, 0.0f, below, in);
  for (std::int64_t i = s.codes; i-- > 0;) {
    const auto& l = s.code(i);
    std::swap(dcode, below);
    if (i + 1 < s.codes) kernels::slope_backward(dcode, at.slope(i), times * l.out);
    h = i > 0 ? at.activation(i - 1) : at.waves();
    kernels::add_columns(gradient + l.bias, dcode, times, l.out);
    gemm(true, false, l.in, l.out, times, h, l.in, dcode, l.out, 1.0f, gradient + l.weight, l.out);
    gemm(false, true, times, l.in, l.out, dcode, l.out, w + l.weight, l.out, 0.0f, below, l.in);
  }
  float* const frequencies = gradient + s.mlp.frequencies();
  for (std::int64_t i = 0; i < times; ++i) {
    const float *const cosines = at.waves() + i * 2 * f, *const sines = cosines + f, *const d = below + i * 2 * f;
    const float rate = code.times[std::size_t(i)] * float(2 * std::numbers::pi);
    for (std::int64_t j = 0; j < f; ++j) frequencies[j] += rate * (cosines[j] * d[f + j] - sines[j] * d[j]);
  }
}

TESSERA_INLINE float* ResidualKernels::scratch(int which, std::int64_t size) {
  thread_local std::vector<float> memory[6];
  if (std::int64_t(memory[which].size()) < size) memory[which].resize(std::size_t(size));
  return memory[which].data();
}
TESSERA_INLINE float* ResidualKernels::grown(at::Tensor& memory, std::int64_t size) {
  if (!memory.defined() || memory.numel() < size) memory = at::empty({size}, at::kFloat);
  return memory.data_ptr<float>();
}
}  // namespace tessera::nn
