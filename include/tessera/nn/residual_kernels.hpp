#pragma once
#include <cstdint>
#include <vector>

#include <tessera/nn/mlp.hpp>
#include <tessera/nn/mlp_kernels.hpp>
#include <tessera/nn/residual_trace.hpp>
#include <tessera/nn/tensor.hpp>

namespace tessera::nn {
/// A residual ensemble's passes on the CPU, in float32: as `MlpKernels`, whose signatures these are.  The forward pass,
/// and the backward pass through the rows, are independent (member x slice of the batch) tasks.  Then each task takes a
/// piece of the weights, and all rows: the gradient has only one part, since those of several slices, as large as the
/// weights each, would have to be written, read and added up.
class ResidualKernels {
 public:
  static void forward(const Mlp& mlp, const float* parameters, std::int64_t members, const MlpInput* inputs,
                      std::int64_t count, std::int64_t states, float* const* out, MlpTrace* trace);
  static void backward(const Mlp& mlp, const float* parameters, std::int64_t members, float* gradient,
                       std::int64_t gradient_parts, const MlpInput& input, std::int64_t states, const float* dout,
                       MlpTrace& trace, float* dstate, float* daction);

 private:
  // The network's sizes, and its layers by what they are for.
  struct shape {
    explicit shape(const Mlp& mlp);
    const Mlp& mlp;
    std::int64_t frequencies, codes, blocks, features, width, inner, outputs;  // features: of the input, without time
    const Mlp::layer& code(std::int64_t i) const { return mlp.layers()[std::size_t(i)]; }
    const Mlp::layer& input() const { return code(codes); }
    const Mlp::layer& into(std::int64_t block) const { return code(codes + 1 + 2 * block); }
    const Mlp::layer& out_of(std::int64_t block) const { return code(codes + 2 + 2 * block); }
    const Mlp::layer& output() const { return mlp.layers().back(); }
    std::int64_t code_width() const { return code(codes - 1).out; }
  };
  // The parts of TimeCode::numbers: the cosines and sines, (D, 2 F); for each layer its activations, and the activation
  // function's derivatives; the last layer's share of the input layer, with that one's bias, (D, width).
  struct code_parts {
    const shape& s;
    float* numbers;
    std::int64_t times;
    static std::int64_t size(const shape& s, std::int64_t times);
    float* waves() const { return numbers; }
    float* activation(std::int64_t i) const;
    float* slope(std::int64_t i) const { return activation(i) + times * s.code(i).out; }
    float* share() const { return activation(s.codes); }
  };
  // What a forward pass keeps of one member's rows: their features; of each block the normalized rows, these with gain
  // and shift, 1 / sqrt(var + eps), and the inner layer's activations and derivatives; the output layer's input, and
  // its derivatives.
  struct kept_rows {
    const shape& s;
    float* memory;
    std::int64_t rows;
    static std::int64_t size(const shape& s, std::int64_t rows);
    static std::int64_t block_columns(const shape& s) { return 2 * s.width + 2 * s.inner + 1; }
    float* features() const { return memory; }
    float* block(std::int64_t b) const;
    float* normalized(std::int64_t b) const { return block(b); }
    float* scaled(std::int64_t b) const { return block(b) + rows * s.width; }
    float* inner(std::int64_t b) const { return block(b) + 2 * rows * s.width; }
    float* slope(std::int64_t b) const { return inner(b) + rows * s.inner; }
    float* inverse_std(std::int64_t b) const { return slope(b) + rows * s.inner; }
    float* last() const { return block(s.blocks); }
    float* last_slope() const { return last() + rows * s.width; }
  };
  // The gradients of one member's rows: of what enters block b, or the output layer, b = blocks; of each inner layer's
  // sums; of the input, if asked.  Each slice has sums of its own for the gains and shifts.
  struct row_gradients {
    const shape& s;
    float* memory;
    std::int64_t rows;
    static std::int64_t size(const shape& s, std::int64_t rows, std::int64_t slices);
    float* entering(std::int64_t b) const { return memory + b * rows * s.width; }
    float* inner(std::int64_t b) const { return entering(s.blocks + 1) + b * rows * s.inner; }
    float* input() const { return inner(s.blocks); }
    float* norms(std::int64_t slice) const;
  };

  static void encode(const shape& s, const float* w, const MlpInput& x, std::int64_t rows, TimeCode& code);
  static void find_times(const MlpInput& x, std::int64_t rows, TimeCode& code);
  static void forward_rows(const shape& s, const float* w, const MlpInput& x, const TimeCode& code, std::int64_t from,
                           std::int64_t count, float* out, const kept_rows* kept);
  static void backward_rows(const shape& s, const float* w, std::int64_t from, std::int64_t count, const float* dout,
                            const kept_rows& kept, const row_gradients& g, float* norms);
  // The gradient of the features and of the time.  The latter is the product with the slope in time of the code's
  // share, (D, width).
  static void input_gradient(const shape& s, const float* w, const TimeCode& code, const float* slope,
                             std::int64_t from, std::int64_t count, const row_gradients& g);
  static void share_slope(const shape& s, const float* w, TimeCode& code, std::vector<float>& slope);
  static void code_gradient(const shape& s, const float* w, float* gradient, TimeCode& code, const row_gradients& g);

  // Calls f(from, count) for the rows from .. to - 1, in blocks so small that a block's numbers stay in a core's cache.
  template <class F>
  static void in_blocks(std::int64_t from, std::int64_t to, F f) {
    const std::int64_t blocks = (to - from + block_rows - 1) / block_rows;
    for (std::int64_t i = 0; i < blocks; ++i) {
      const auto first = from + (to - from) * i / blocks, last = from + (to - from) * (i + 1) / blocks;
      f(first, last - first);
    }
  }
  static constexpr std::int64_t block_rows = 128;
  static constexpr std::int64_t piece_numbers = 1 << 17;  // of a layer's weights, whose gradient is one task

  // Scratch memory of one thread, kept between calls.
  static float* scratch(int which, std::int64_t size);
  static float* grown(at::Tensor& memory, std::int64_t size);
};
}  // namespace tessera::nn

#ifndef TESSERA_COMPILED
#include <tessera/nn/residual_kernels.impl.hpp>
#endif
