#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/kernels.hpp>
#include <tessera/nn/mlp.hpp>
#include <tessera/nn/residual_trace.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::nn {
/// What a pass over B states keeps for its backward pass: per hidden layer and member, the activations, and whatever
/// else the derivatives need.  If a state has several actions, the states' share of the first layer is kept in place of
/// that layer's own numbers, which are faster to recompute than to fetch from memory.  One contiguous block that only
/// grows.
class MlpTrace {
 public:
  /// The numbers of one hidden layer for some rows of a member: its activations, the activation function's derivatives
  /// (null if they follow from the activations), and with LayerNorm the normalized rows and 1 / sqrt(var + eps).
  struct layer {
    float *activation, *slope, *normalized, *inverse_std;
  };
  /// For B = `states` with `repeat` actions per state.
  void resize(const Mlp& mlp, std::int64_t states, std::int64_t repeat);
  /// Whether the derivatives of the activations are stored, because they do not follow from a layer's numbers.
  static bool keeps_slope(const Mlp& mlp) { return !mlp.derivative_needs_output() || mlp.norm_last(); }
  /// Whether hidden layer i is stored.
  bool keeps(std::size_t i) const { return i > 0 || repeat_ == 1; }
  /// Hidden layer i, of `width` units, from row `row` of a member on.
  layer at(std::size_t i, std::int64_t member, std::int64_t row, std::int64_t width);
  /// The states' share of the first layer, of `width` units, from state `state` of a member on.
  float* shared(std::int64_t member, std::int64_t state, std::int64_t width);
  /// Memory for the gradient of the input.
  float* input_gradient(std::int64_t size);
  /// What a residual network's pass keeps, instead of all of the above.
  ResidualTrace& residual() { return residual_; }

 private:
  struct offsets {
    std::int64_t activation = -1, slope = -1, normalized = -1, inverse_std = -1;
  };
  std::int64_t states_ = -1, repeat_ = 1;
  std::vector<offsets> offsets_;
  at::Tensor memory_;
  std::vector<float> input_gradient_;
  ResidualTrace residual_;
};

/// The rows of one pass's input, in one piece or in two, x = [state, action], with the stride between rows of each.
/// The members share them; or, if the input is `apart`, each member has its own states, with the stride between
/// members.
struct MlpInput {
  const float* state = nullptr;
  std::int64_t state_stride = 0, state_size = 0;
  const float* action = nullptr;
  std::int64_t action_stride = 0, action_size = 0;
  /// Actions per state: row r of the pass has state r / repeat and action r.
  std::int64_t repeat = 1;
  bool apart = false;
  std::int64_t member_stride = 0;

  /// The input of one member.
  MlpInput of(std::int64_t member) const;
  std::int64_t size() const { return state_size + action_size; }
  /// Whether the pieces are contiguous, as in a row of a replay buffer.
  bool whole() const { return action_size == 0 || (action == state + state_size && action_stride == state_stride); }
};

/// An ensemble's passes on the CPU, in float32, as independent (member x slice of the batch) tasks: each goes through
/// all layers with single-threaded matrix products, while its rows stay in the core's cache.  If a state has several
/// actions, its product with the first layer is computed once, and a task goes through its rows in blocks.
class MlpKernels {
 public:
  /// How a pass is divided into tasks: of its units (members, or members times inputs), the first `whole` are one task
  /// each, the others are sliced along the batch into several tasks.
  struct Shares {
    std::int64_t units, whole, slices;
    struct share {
      std::int64_t unit, slice, slices;
    };
    std::int64_t count() const { return whole + (units - whole) * slices; }
    share operator[](std::int64_t task) const;
  };
  /// As many units stay whole as give each thread of the pool the same number.  The rest is sliced so that the pool
  /// finishes in the least time; `price` is what a slice costs each thread in addition, in passes over a batch; no
  /// slice has fewer than 32 rows.
  static Shares shares(std::int64_t units, std::int64_t rows, double price = 0);
  /// The same for a backward pass, in which each slice accumulates a gradient of its own, and adding two of them takes
  /// about a sixteenth of the time of a batch.
  static Shares backward_shares(std::int64_t members, std::int64_t rows);
  /// How many parts a gradient needs for all slices of a backward pass.
  static std::int64_t gradient_parts(std::int64_t members) {
    return backward_shares(members, std::numeric_limits<std::int64_t>::max()).slices;
  }

  /// The outputs of the first `members` members at `count` inputs of `states` states, with as many actions each: out[k]
  /// (members, states * repeat, outputs).  `trace` null: nothing is kept; otherwise, what the first input's backward
  /// pass needs.
  static void forward(const Mlp& mlp, const float* parameters, std::int64_t members, const MlpInput* inputs,
                      std::int64_t count, std::int64_t states, float* const* out, MlpTrace* trace);

  /// Where the flow  dx/dt = v(s, x, t)  takes x from t = 0 to 1 in equal steps, v the first member: Euler's, or
  /// midpoint steps (math/flow.hpp), to the last bit those passes one by one.  The network's input is [s, x, t];
  /// `noise` has the states and x at t = 0, and `out` (states * repeat, d) becomes x at t = 1.  A task takes its rows
  /// through all steps, so that no thread waits for another between them.
  static void flow(const Mlp& mlp, const float* parameters, const MlpInput& noise, std::int64_t states,
                   std::int64_t steps, bool midpoint, float* out);

  /// Adds the parameters' gradient to `gradient` (parts, N, row), if not null.  Writes the input's gradient, summed
  /// over the members that share it, to `dstate` (states, n), or (members, states, n), and to `daction` (states *
  /// repeat, d), if not null.
  static void backward(const Mlp& mlp, const float* parameters, std::int64_t members, float* gradient,
                       std::int64_t gradient_parts, const MlpInput& input, std::int64_t states, const float* dout,
                       MlpTrace& trace, float* dstate, float* daction);

 private:
  static constexpr std::int64_t narrow_columns = 16;
  static bool is_narrow(const Mlp::layer& l) { return l.out <= narrow_columns && l.in >= 16; }
  static Shares of_states(Shares tasks, std::int64_t states);

  // Scratch memory of one thread, kept between calls.
  static float* scratch(int which, std::int64_t size);

  // Some states of a task, with all their rows.  `x` are the rows of the input, or, if a state has several actions, of
  // the actions alone, and then `shared` is the states' share of the first layer.
  struct block {
    std::int64_t state, states, row, rows, repeat, action_size;
    const float* x;
    std::int64_t stride;
    const float* shared;
  };
  // Calls f(block) for the states from .. to - 1: with one action per state, all at once; otherwise in blocks so small
  // that the activations of two layers, and a layer's weights, stay in a core's cache.
  template <class F>
  static void in_blocks(const Mlp& mlp, const MlpInput& input, const float* shared, std::int64_t from, std::int64_t to,
                        F f) {
    const auto repeat = input.repeat;
    if (from == to) return;
    if (repeat == 1) {
      const auto [x, stride] = packed(input, from, to - from);
      return f(block{from, to - from, from, to - from, repeat, input.action_size, x, stride, nullptr});
    }
    const auto width = mlp.layers().front().out,
               step = std::max<std::int64_t>(1, block_numbers / (widest(mlp) * repeat));
    for (std::int64_t s = from; s < to; s += step) {
      const auto count = std::min(step, to - s), row = s * repeat;
      f(block{s, count, row, count * repeat, repeat, input.action_size, input.action + row * input.action_stride,
              input.action_stride, shared + (s - from) * width});
    }
  }
  static constexpr std::int64_t block_numbers = 1 << 16;

  // The states' share of the first layer, with its bias.
  static void share(const Mlp& mlp, const float* w, const MlpInput& x, std::int64_t from, std::int64_t states,
                    float* to);

  // Rows from .. from + rows of an input, contiguous, and their stride.
  static std::pair<const float*, std::int64_t> packed(const MlpInput& x, std::int64_t from, std::int64_t rows);
  static std::int64_t widest(const Mlp& mlp);
  // (in, out) -> (out, in), so that a column is contiguous.
  static const float* columns(const float* w, const Mlp::layer& l);

  // Computes layer i of a block: writes a hidden layer's numbers to `to`, the last layer's outputs to to.activation.
  static void forward_layer(const Mlp& mlp, std::size_t i, const float* w, const block& b, const float* h,
                            std::int64_t stride, const MlpTrace::layer& to);

  static void forward_block(const Mlp& mlp, const float* w, const block& b, std::int64_t member, float* out,
                            MlpTrace* trace);

  // The numbers of hidden layer i that a forward pass has stored, or else recomputes.
  static MlpTrace::layer kept(const Mlp& mlp, std::size_t i, const float* w, const block& b, std::int64_t member,
                              MlpTrace& trace);

  // Goes from a block's outputs down to the gradient of its first layer's z = x W + bias, which it returns.
  static const float* backward_block(const Mlp& mlp, const float* w, float* gradient, const block& b,
                                     std::int64_t member, const float* dout, MlpTrace& trace);

  // Adds the gradient of a layer's bias and of the first `in` rows of its weights, from the rows of its input and the
  // gradient of its output.
  static void add_gradient(float* gradient, const Mlp::layer& l, std::int64_t in, const float* x, std::int64_t stride,
                           const float* g, std::int64_t rows);
  // dx (rows, columns) <- g (rows, width) w^T, with w (columns, width).
  static void through(float* dx, const float* g, const float* w, std::int64_t rows, std::int64_t width,
                      std::int64_t columns);

  static void activate(activation f, float* a, float* slope, const float* bias, std::int64_t rows, std::int64_t n);
  static void activate_backward(activation f, float* g, const MlpTrace::layer& kept, std::int64_t n);
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/mlp_kernels.impl.hpp>
#endif
