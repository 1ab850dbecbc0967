#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// What a pass over B states keeps for its backward pass: per hidden layer and member, the activations, and what else
/// the derivatives need.  One contiguous block; `resize` keeps it when the shape stays.
class MlpTrace {
 public:
  struct layer {
    std::int64_t activation = 0, input = -1, normalized = -1, inverse_std = -1;  // offsets
  };
  void resize(const Mlp& mlp, std::int64_t rows) {
    if (rows == rows_) return;
    rows_ = rows;
    layers_.clear();
    std::int64_t size = 0;
    auto take = [&](std::int64_t width) {
      const auto at = size;
      size += (mlp.members() * rows * width + 15) / 16 * 16;
      return at;
    };
    for (std::size_t i = 0; i + 1 < mlp.layers().size(); ++i) {
      const auto& l = mlp.layers()[i];
      layer t{take(l.out)};
      if (!mlp.derivative_needs_output()) t.input = take(l.out);
      if (l.gain >= 0) t.normalized = take(l.out), t.inverse_std = take(1);
      layers_.push_back(t);
    }
    memory_ = at::empty({std::max<std::int64_t>(size, 1)}, at::kFloat);
  }
  /// The block at `offset` of a member, from row `row` on; `width` numbers a row.
  float* at(std::int64_t offset, std::int64_t member, std::int64_t row, std::int64_t width) {
    return memory_.data_ptr<float>() + offset + (member * rows_ + row) * width;
  }
  const layer& operator[](std::size_t i) const { return layers_[i]; }
  /// Memory for the gradient of the input.
  float* input_gradient(std::int64_t size) {
    if (std::int64_t(input_gradient_.size()) < size) input_gradient_.resize(std::size_t(size));
    return input_gradient_.data();
  }

 private:
  std::int64_t rows_ = -1;
  std::vector<layer> layers_;
  at::Tensor memory_;
  std::vector<float> input_gradient_;
};

/// The rows of one pass's input, in one piece or in two, x = [state, action], with what lies between two rows of each.
struct MlpInput {
  const float* state = nullptr;
  std::int64_t state_stride = 0, state_size = 0;
  const float* action = nullptr;
  std::int64_t action_stride = 0, action_size = 0;

  std::int64_t size() const { return state_size + action_size; }
  /// Whether the pieces lie side by side, as in a row of a replay.
  bool whole() const { return action_size == 0 || (action == state + state_size && action_stride == state_stride); }
};

/// An ensemble's passes on the CPU, in float32, as (member x slice of the batch) tasks that never meet: each runs
/// through all layers with single-threaded matrix products, while its rows stay in the core's cache.
class MlpKernels {
 public:
  /// Slices of the batch for each of `units` (members, or members of each input): enough tasks for the pool, none of less
  /// than 32 rows.
  static std::int64_t slices(std::int64_t units, std::int64_t rows) {
    const std::int64_t threads = pool().threads();
    return std::clamp<std::int64_t>((threads + units - 1) / units, 1, std::max<std::int64_t>(1, rows / 32));
  }

  /// The first `members` members at `count` inputs of `rows` rows: out[k] (members, rows, outputs).  `trace` null: nothing is
  /// kept; otherwise what the first input's backward pass needs.
  static void forward(const Mlp& mlp, const float* parameters, std::int64_t members, const MlpInput* inputs, std::int64_t count,
                      std::int64_t rows, float* const* out, MlpTrace* trace) {
    const auto parts = slices(members * count, rows);
    auto task = [&](std::int64_t t) {
      const std::int64_t part = t % parts, k = t / parts % count, member = t / parts / count;
      const std::int64_t from = rows * part / parts, to = rows * (part + 1) / parts;
      const auto [x, stride] = packed(inputs[k], from, to - from);
      forward_slice(mlp, parameters + member * mlp.row(), x, stride, member, from, to - from,
                    out[k] + (member * rows + from) * mlp.top().outputs, k == 0 ? trace : nullptr);
    };
    pool().run(members * count * parts, task);
  }

  /// Adds the parameters' gradient to `gradient` (parts, N, row), if not null.  Writes the input's gradient, added up over
  /// members, to `dstate` (rows, n) and `daction` (rows, d), if not null.
  static void backward(const Mlp& mlp, const float* parameters, std::int64_t members, float* gradient, std::int64_t gradient_parts,
                       const MlpInput& input, std::int64_t rows, const float* dout, MlpTrace& trace, float* dstate, float* daction) {
    const auto parts = gradient ? std::min(slices(members, rows), gradient_parts) : slices(members, rows);
    // The columns of the input whose gradient is wanted.
    const std::int64_t first = dstate ? 0 : input.state_size, last = daction ? input.size() : input.state_size;
    const std::int64_t width = dstate || daction ? last - first : 0;
    float* dx = width > 0 ? trace.input_gradient(members * rows * width) : nullptr;
    auto task = [&](std::int64_t t) {
      const std::int64_t member = t / parts, part = t % parts, from = rows * part / parts, to = rows * (part + 1) / parts;
      float* g = gradient ? gradient + (part * mlp.members() + member) * mlp.row() : nullptr;
      const auto [x, stride] = packed(input, from, to - from);
      backward_slice(mlp, parameters + member * mlp.row(), g, x, stride, member, from, to - from, dout + (member * rows + from) * mlp.top().outputs,
                     trace, dx ? dx + (member * rows + from) * width : nullptr, first, width);
    };
    pool().run(members * parts, task);
    if (dstate) kernels::add_members(dstate, dx, members, rows, width, 0, input.state_size);
    if (daction) kernels::add_members(daction, dx, members, rows, width, input.state_size - first, input.action_size);
  }

 private:
  static constexpr std::int64_t narrow_columns = 16;
  static bool is_narrow(const Mlp::layer& l) { return l.out <= narrow_columns && l.in >= 16; }

  // Memory of one thread, kept between calls.
  static float* scratch(int which, std::int64_t size) {
    thread_local std::vector<float> memory[4];
    if (std::int64_t(memory[which].size()) < size) memory[which].resize(std::size_t(size));
    return memory[which].data();
  }
  // Rows from .. from + rows of an input side by side, and their stride.
  static std::pair<const float*, std::int64_t> packed(const MlpInput& x, std::int64_t from, std::int64_t rows) {
    const float *s = x.state + from * x.state_stride, *a = x.action + from * x.action_stride;
    if (x.whole()) return {s, x.state_stride};
    float* const to = scratch(3, rows * x.size());
    for (std::int64_t i = 0; i < rows; ++i, s += x.state_stride, a += x.action_stride)
      std::copy(a, a + x.action_size, std::copy(s, s + x.state_size, to + i * x.size()));
    return {to, x.size()};
  }
  static std::int64_t widest(const Mlp& mlp) {
    std::int64_t width = 0;
    for (const auto& l : mlp.layers()) width = std::max(width, l.out);
    return width;
  }
  // (in, out) -> (out, in), so that a column is contiguous.
  static const float* columns(const float* w, const Mlp::layer& l) {
    if (l.out == 1) return w;
    float* c = scratch(2, 2 * l.in * l.out);
    for (std::int64_t i = 0; i < l.in; ++i)
      for (std::int64_t j = 0; j < l.out; ++j) c[j * l.in + i] = w[i * l.out + j];
    return c;
  }

  static void forward_slice(const Mlp& mlp, const float* w, const float* x, std::int64_t stride, std::int64_t member, std::int64_t from,
                            std::int64_t rows, float* out, MlpTrace* trace) {
    const float* h = x;
    for (std::size_t i = 0; i < mlp.layers().size(); ++i, stride = mlp.layers()[i - 1].out) {
      const auto& l = mlp.layers()[i];
      const bool last = i + 1 == mlp.layers().size();
      if (last && is_narrow(l) && stride == l.in) {
        kernels::narrow(out, h, columns(w + l.weight, l), w + l.bias, rows, l.in, l.out);
        return;
      }
      auto place = [&](std::int64_t offset, int spare) {
        return trace ? trace->at(offset, member, from, l.out) : scratch(spare, rows * widest(mlp));
      };
      float* z = last ? out : place(trace ? (*trace)[i].activation : 0, int(i % 2));
      gemm(false, false, rows, l.out, l.in, h, stride, w + l.weight, l.out, 0.0f, z, l.out);
      if (last) {
        kernels::add_bias(z, w + l.bias, rows, l.out);
        return;
      }
      if (l.gain < 0 && mlp.activation() == tessera::activation::relu) {
        kernels::bias_relu(z, w + l.bias, rows, l.out);
      } else {
        kernels::add_bias(z, w + l.bias, rows, l.out);
        const auto n = rows * l.out;
        float* u = z;  // the activation's input
        if (trace && (*trace)[i].input >= 0) u = trace->at((*trace)[i].input, member, from, l.out);
        if (l.gain >= 0) {
          float *y, *inverse;
          if (trace) y = trace->at((*trace)[i].normalized, member, from, l.out), inverse = trace->at((*trace)[i].inverse_std, member, from, 1);
          else y = scratch(2, rows * (widest(mlp) + 1)), inverse = y + rows * widest(mlp);
          kernels::normalize(y, inverse, z, rows, l.out);
          kernels::scale(u, y, w + l.gain, w + l.shift, rows, l.out);
        } else if (u != z) {
          std::memcpy(u, z, std::size_t(n) * sizeof(float));
        }
        activate(mlp.activation(), z, u, n);
      }
      h = z;
    }
  }

  static void backward_slice(const Mlp& mlp, const float* w, float* gradient, const float* x, std::int64_t stride, std::int64_t member,
                             std::int64_t from, std::int64_t rows, const float* dout, MlpTrace& trace, float* dx, std::int64_t first, std::int64_t width) {
    const auto depth = mlp.layers().size();
    const float* g = dout;
    for (std::size_t i = depth; i-- > 0;) {
      const auto& l = mlp.layers()[i];
      const float* h = i == 0 ? x : trace.at(trace[i - 1].activation, member, from, l.in);
      const std::int64_t h_stride = i == 0 ? stride : l.in;
      float* dh = scratch(int(i % 2), rows * widest(mlp));
      if (gradient) kernels::add_columns(gradient + l.bias, g, rows, l.out);
      if (i + 1 == depth && i > 0 && is_narrow(l)) {
        const float* c = columns(w + l.weight, l);
        float* cg = gradient ? (l.out == 1 ? gradient + l.weight : scratch(2, 2 * l.in * l.out) + l.in * l.out) : nullptr;
        if (cg && l.out > 1) std::fill(cg, cg + l.in * l.out, 0.0f);
        kernels::narrow_backward(dh, cg, g, h, c, rows, l.in, l.out);
        if (cg && l.out > 1)
          for (std::int64_t k = 0; k < l.in; ++k)
            for (std::int64_t j = 0; j < l.out; ++j) gradient[l.weight + k * l.out + j] += cg[j * l.in + k];
      } else {
        if (gradient) gemm(true, false, l.in, l.out, rows, h, h_stride, g, l.out, 1.0f, gradient + l.weight, l.out);
        if (i > 0) gemm(false, true, rows, l.in, l.out, g, l.out, w + l.weight, l.out, 0.0f, dh, l.in);
      }
      if (i == 0) {
        if (dx && width <= narrow_columns) kernels::narrow(dx, g, w + l.weight + first * l.out, nullptr, rows, l.out, width);
        else if (dx) gemm(false, true, rows, width, l.out, g, l.out, w + l.weight + first * l.out, l.out, 0.0f, dx, width);
        break;
      }
      // Through the activation, and the normalisation, of the layer below.
      const auto& below = mlp.layers()[i - 1];
      const auto& t = trace[i - 1];
      const float* kept = trace.at(t.input >= 0 ? t.input : t.activation, member, from, below.out);
      activate_backward(mlp.activation(), dh, kept, rows * below.out);
      if (below.gain >= 0)
        kernels::normalize_backward(dh, trace.at(t.normalized, member, from, below.out), trace.at(t.inverse_std, member, from, 1), w + below.gain,
                                    gradient ? gradient + below.gain : nullptr, gradient ? gradient + below.shift : nullptr, rows, below.out);
      g = dh;
    }
  }

  static void activate(activation f, float* a, const float* z, std::int64_t n) {
    switch (f) {
      case activation::relu: return kernels::relu(a, z, n);
      case activation::gelu: return kernels::gelu(a, z, n);
      case activation::tanh: return kernels::tanh(a, z, n);
      case activation::silu: return kernels::silu(a, z, n);
    }
  }
  static void activate_backward(activation f, float* g, const float* kept, std::int64_t n) {
    switch (f) {
      case activation::relu: return kernels::relu_backward(g, kept, n);
      case activation::gelu: return kernels::gelu_backward(g, kept, n);
      case activation::tanh: return kernels::tanh_backward(g, kept, n);
      case activation::silu: return kernels::silu_backward(g, kept, n);
    }
  }
};
}  // namespace tessera::nn
