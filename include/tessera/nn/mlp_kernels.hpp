#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// What a pass over B states keeps for its backward pass: per hidden layer and member, the activations, and what else
/// the derivatives need.  Where a state has several actions, its share of the first layer in place of that layer's own numbers,
/// which take less time to make again than to fetch from memory.  One contiguous block, that only grows.
class MlpTrace {
 public:
  /// The numbers of one hidden layer for some rows of a member: its activations, the activation function's derivatives (null where
  /// they are had from the activations), and with LayerNorm the normalised rows and 1 / sqrt(var + eps).
  struct layer {
    float *activation, *slope, *normalized, *inverse_std;
  };
  /// For B = `states` with `repeat` actions each.
  void resize(const Mlp& mlp, std::int64_t states, std::int64_t repeat) {
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
  /// Whether the derivatives of the activations are kept: where they are not had from a layer's numbers.
  static bool keeps_slope(const Mlp& mlp) { return !mlp.derivative_needs_output() || mlp.norm_last(); }
  /// Whether hidden layer i is there.
  bool keeps(std::size_t i) const { return i > 0 || repeat_ == 1; }
  /// Hidden layer i, of `width` units, from row `row` of a member on.
  layer at(std::size_t i, std::int64_t member, std::int64_t row, std::int64_t width) {
    const auto& o = offsets_[i];
    const auto place = [&](std::int64_t offset, std::int64_t columns) {
      return offset < 0 ? nullptr : memory_.data_ptr<float>() + offset + (member * states_ * repeat_ + row) * columns;
    };
    return {place(o.activation, width), place(o.slope, width), place(o.normalized, width), place(o.inverse_std, 1)};
  }
  /// The states' share of the first layer, of `width` units, from state `state` of a member on.
  float* shared(std::int64_t member, std::int64_t state, std::int64_t width) {
    return memory_.data_ptr<float>() + (member * states_ + state) * width;
  }
  /// Memory for the gradient of the input.
  float* input_gradient(std::int64_t size) {
    if (std::int64_t(input_gradient_.size()) < size) input_gradient_.resize(std::size_t(size));
    return input_gradient_.data();
  }

 private:
  struct offsets {
    std::int64_t activation = -1, slope = -1, normalized = -1, inverse_std = -1;
  };
  std::int64_t states_ = -1, repeat_ = 1;
  std::vector<offsets> offsets_;
  at::Tensor memory_;
  std::vector<float> input_gradient_;
};

/// The rows of one pass's input, in one piece or in two, x = [state, action], with what lies between two rows of each.  The members
/// share them; or, where the input is `apart`, each has states of its own, with what lies between two members'.
struct MlpInput {
  const float* state = nullptr;
  std::int64_t state_stride = 0, state_size = 0;
  const float* action = nullptr;
  std::int64_t action_stride = 0, action_size = 0;
  /// Actions at each state: row r of the pass has state r / repeat and action r.
  std::int64_t repeat = 1;
  bool apart = false;
  std::int64_t member_stride = 0;

  /// What one member reads.
  MlpInput of(std::int64_t member) const {
    MlpInput x = *this;
    x.state += member * member_stride;
    return x;
  }
  std::int64_t size() const { return state_size + action_size; }
  /// Whether the pieces lie side by side, as in a row of a replay.
  bool whole() const { return action_size == 0 || (action == state + state_size && action_stride == state_stride); }
};

/// An ensemble's passes on the CPU, in float32, as (member x slice of the batch) tasks that never meet: each runs
/// through all layers with single-threaded matrix products, while its rows stay in the core's cache.  Where a state has several
/// actions, its product with the first layer is made once, and a task goes through its rows in blocks.
class MlpKernels {
 public:
  /// How a pass becomes tasks: of its units (members, or members of each input), the first `whole` are one task each, the others as
  /// many tasks as there are slices of the batch.
  struct Shares {
    std::int64_t units, whole, slices;
    struct share {
      std::int64_t unit, slice, slices;
    };
    std::int64_t count() const { return whole + (units - whole) * slices; }
    share operator[](std::int64_t task) const {
      if (task < whole) return {task, 0, 1};
      return {whole + (task - whole) / slices, (task - whole) % slices, slices};
    }
  };
  /// As many units stay whole as give each thread of the pool the same number.  The rest is sliced so that it takes the least time
  /// in rounds of the pool, `price` being what a slice costs each thread beside, in passes over a batch; no slice has less than 32 rows.
  static Shares shares(std::int64_t units, std::int64_t rows, double price = 0) {
    const std::int64_t threads = pool().threads(), rest = units % threads, most = std::clamp<std::int64_t>(rows / 32, 1, threads);
    Shares best{units, units - rest, 1};
    if (rest == 0) return best;
    double least = std::numeric_limits<double>::infinity();
    for (std::int64_t s = 1; s <= most; ++s) {
      const double rounds = double((rest * s + threads - 1) / threads), time = rounds / double(s) + double(s) * price;
      if (time < least) best.slices = s, least = time;
    }
    return best;
  }
  /// The same for a backward pass, where each slice gathers a gradient of its own, and the sum of two takes about a sixteenth of the
  /// time of a batch.
  static Shares backward_shares(std::int64_t members, std::int64_t rows) {
    const std::int64_t threads = pool().threads();
    return shares(members, rows, double(members % threads) / double(16 * threads));
  }
  /// The parts that a gradient must have for all slices of a backward pass.
  static std::int64_t gradient_parts(std::int64_t members) { return backward_shares(members, std::numeric_limits<std::int64_t>::max()).slices; }

  /// The first `members` members at `count` inputs of `states` states, with as many actions each: out[k] (members,
  /// states * repeat, outputs).  `trace` null: nothing is kept; otherwise what the first input's backward pass needs.
  static void forward(const Mlp& mlp, const float* parameters, std::int64_t members, const MlpInput* inputs, std::int64_t count,
                      std::int64_t states, float* const* out, MlpTrace* trace) {
    const auto& l = mlp.layers().front();
    const auto repeat = inputs->repeat;
    const auto tasks = of_states(shares(members * count, states * repeat), states);
    auto task = [&](std::int64_t t) {
      const auto [unit, slice, slices] = tasks[t];
      const std::int64_t k = unit % count, member = unit / count, from = states * slice / slices, to = states * (slice + 1) / slices;
      const MlpInput x = inputs[k].of(member);
      MlpTrace* const kept = k == 0 ? trace : nullptr;
      const float* const w = parameters + member * mlp.row();
      float* shared = nullptr;
      if (repeat > 1) {
        shared = kept ? kept->shared(member, from, l.out) : scratch(4, (to - from) * l.out);
        gemm(false, false, to - from, l.out, x.state_size, x.state + from * x.state_stride, x.state_stride, w + l.weight, l.out, 0.0f, shared, l.out);
        kernels::add_bias(shared, w + l.bias, to - from, l.out);
      }
      in_blocks(mlp, x, shared, from, to, [&](const block& b) {
        forward_block(mlp, w, b, member, out[k] + (member * states * repeat + b.row) * mlp.top().outputs, kept);
      });
    };
    pool().run(tasks.count(), task);
  }

  /// Adds the parameters' gradient to `gradient` (parts, N, row), if not null.  Writes the input's gradient, added up over
  /// the members that share it, to `dstate` (states, n), or (members, states, n), and `daction` (states * repeat, d), if not null.
  static void backward(const Mlp& mlp, const float* parameters, std::int64_t members, float* gradient, std::int64_t gradient_parts,
                       const MlpInput& input, std::int64_t states, const float* dout, MlpTrace& trace, float* dstate, float* daction) {
    const auto& l = mlp.layers().front();
    const std::int64_t repeat = input.repeat, n = input.state_size, d = input.action_size, actions = l.weight + n * l.out;
    auto tasks = of_states(backward_shares(members, states * repeat), states);
    if (gradient) tasks.slices = std::min(tasks.slices, gradient_parts);
    // Each member writes an input's gradient of its own.
    const std::int64_t state_numbers = dstate && !input.apart ? states * n : 0, action_numbers = daction ? states * repeat * d : 0;
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
        const float* const dz = backward_block(mlp, w, g, b, member, dout + (member * states * repeat + b.row) * mlp.top().outputs, trace);
        if (daction) through(da + (member * states * repeat + b.row) * d, dz, w + actions, b.rows, l.out, d);
        if (summed) {
          kernels::collect(summed + (b.state - from) * l.out, g ? g + actions : nullptr, dz, b.x, b.stride, b.states, repeat, l.out, d);
          return;
        }
        if (g) add_gradient(g, l, l.in, b.x, b.stride, dz, b.rows);
        if (dstate) through(ds + (member * states + b.state) * n, dz, w + l.weight, b.rows, l.out, n);
      });
      if (!summed) return;
      if (g) add_gradient(g, l, n, x.state + from * x.state_stride, x.state_stride, summed, to - from);
      if (dstate) through(ds + (member * states + from) * n, summed, w + l.weight, to - from, l.out, n);
    };
    pool().run(tasks.count(), task);
    if (members > 1 && state_numbers > 0) kernels::add_members(dstate, ds, members, state_numbers);
    if (members > 1 && action_numbers > 0) kernels::add_members(daction, da, members, action_numbers);
  }

 private:
  static constexpr std::int64_t narrow_columns = 16;
  static bool is_narrow(const Mlp::layer& l) { return l.out <= narrow_columns && l.in >= 16; }
  static Shares of_states(Shares tasks, std::int64_t states) {
    tasks.slices = std::min(tasks.slices, std::max<std::int64_t>(1, states));
    return tasks;
  }

  // Memory of one thread, kept between calls.
  static float* scratch(int which, std::int64_t size) {
    thread_local std::vector<float> memory[7];
    if (std::int64_t(memory[which].size()) < size) memory[which].resize(std::size_t(size));
    return memory[which].data();
  }

  // Some states of a task and all their rows.  `x` are the rows of the input, or, where a state has several actions, of the actions
  // alone, and `shared` the states' share of the first layer.
  struct block {
    std::int64_t state, states, row, rows, repeat, action_size;
    const float* x;
    std::int64_t stride;
    const float* shared;
  };
  // Calls f(block) for the states from .. to - 1: with one action each, all at once; else so many that the activations of two layers,
  // and a layer's weights, stay in a core's cache.
  template <class F>
  static void in_blocks(const Mlp& mlp, const MlpInput& input, const float* shared, std::int64_t from, std::int64_t to, F f) {
    const auto repeat = input.repeat;
    if (from == to) return;
    if (repeat == 1) {
      const auto [x, stride] = packed(input, from, to - from);
      return f(block{from, to - from, from, to - from, repeat, input.action_size, x, stride, nullptr});
    }
    const auto width = mlp.layers().front().out, step = std::max<std::int64_t>(1, block_numbers / (widest(mlp) * repeat));
    for (std::int64_t s = from; s < to; s += step) {
      const auto count = std::min(step, to - s), row = s * repeat;
      f(block{s, count, row, count * repeat, repeat, input.action_size, input.action + row * input.action_stride, input.action_stride,
              shared + (s - from) * width});
    }
  }
  static constexpr std::int64_t block_numbers = 1 << 16;

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

  // Layer i of a block: a hidden one's numbers to `to`, the last one's outputs to to.activation.
  static void forward_layer(const Mlp& mlp, std::size_t i, const float* w, const block& b, const float* h, std::int64_t stride, const MlpTrace::layer& to) {
    const auto& l = mlp.layers()[i];
    const bool last = i + 1 == mlp.layers().size(), bare_relu = !last && l.gain < 0 && mlp.activation() == tessera::activation::relu;
    float* const z = to.activation;
    const float* bias = w + l.bias;
    if (i == 0 && b.repeat > 1) {
      kernels::spread(z, b.shared, b.x, b.stride, w + l.weight + (l.in - b.action_size) * l.out, b.rows, b.repeat, l.out, b.action_size, bare_relu);
      if (last || bare_relu) return;
      bias = nullptr;  // the states' share has it
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
    if (to.slope && mlp.derivative_needs_output()) kernels::slope_of_output(to.slope, z, b.rows * l.out, mlp.activation() == tessera::activation::relu);
    norm();
  }

  static void forward_block(const Mlp& mlp, const float* w, const block& b, std::int64_t member, float* out, MlpTrace* trace) {
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

  // The numbers of hidden layer i that a forward pass has kept, or makes again.
  static MlpTrace::layer kept(const Mlp& mlp, std::size_t i, const float* w, const block& b, std::int64_t member, MlpTrace& trace) {
    const auto& l = mlp.layers()[i];
    if (trace.keeps(i)) return trace.at(i, member, b.row, l.out);
    const auto n = b.rows * l.out;
    float* const memory = scratch(6, 3 * n + b.rows);
    const MlpTrace::layer again{memory, MlpTrace::keeps_slope(mlp) ? memory + n : nullptr, memory + 2 * n, memory + 3 * n};
    forward_layer(mlp, i, w, b, b.x, b.stride, again);
    return again;
  }

  // From a block's outputs down to the gradient of its first layer's z = x W + bias, which it returns.
  static const float* backward_block(const Mlp& mlp, const float* w, float* gradient, const block& b, std::int64_t member, const float* dout, MlpTrace& trace) {
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
      // Through the activation, and the normalisation, of the layer below.
      const auto through_norm = [&] {
        kernels::normalize_backward(dh, h.normalized, h.inverse_std, w + below.gain, gradient ? gradient + below.gain : nullptr,
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

  // The gradient of a layer's bias and of the first `in` rows of its weights, from its input's rows and its output's gradient.
  static void add_gradient(float* gradient, const Mlp::layer& l, std::int64_t in, const float* x, std::int64_t stride, const float* g, std::int64_t rows) {
    kernels::add_columns(gradient + l.bias, g, rows, l.out);
    gemm(true, false, in, l.out, rows, x, stride, g, l.out, 1.0f, gradient + l.weight, l.out);
  }
  // dx (rows, columns) <- g (rows, width) w^T, with w (columns, width).
  static void through(float* dx, const float* g, const float* w, std::int64_t rows, std::int64_t width, std::int64_t columns) {
    if (columns <= narrow_columns) kernels::narrow(dx, g, w, nullptr, rows, width, columns);
    else gemm(false, true, rows, columns, width, g, width, w, width, 0.0f, dx, columns);
  }

  static void activate(activation f, float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n) {
    switch (f) {
      case activation::relu: return kernels::relu(a, bias, rows, n);
      case activation::gelu: return kernels::gelu(a, slope, bias, rows, n);
      case activation::tanh: return kernels::tanh(a, bias, rows, n);
      case activation::silu: return kernels::silu(a, slope, bias, rows, n);
    }
  }
  static void activate_backward(activation f, float* g, const MlpTrace::layer& kept, std::int64_t n) {
    switch (f) {
      case activation::relu: return kernels::relu_backward(g, kept.activation, n);
      case activation::tanh: return kernels::tanh_backward(g, kept.activation, n);
      case activation::gelu:
      case activation::silu: return kernels::slope_backward(g, kept.slope, n);
    }
  }
};
}  // namespace tessera::nn
