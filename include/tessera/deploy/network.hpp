#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include <tessera/concepts/types.hpp>
#include <tessera/deploy/program.hpp>
#include <tessera/options/network.hpp>
#include <tessera/options/residual_network.hpp>

namespace tessera::deploy {
/// An affine map in a program: its weights (in, out) and bias (1, out).
struct Affine {
  std::int32_t weight = -1, bias = -1;
};

/// Some of a network's outputs: `count` from the one of index `from` on.
struct Outputs {
  std::int64_t from = 0, count = 0;
};

/// One network's weights as constants of a program, which is then applied as often as the policy does.  Its input comes
/// in pieces, whose numbers stand one after the other; a piece of one row is the same for all rows of the others, and
/// its product with the first layer is computed once.
class Network {
 public:
  /// `row` is one member's row of nn::Mlp's buffer (see there), of mlp_row(h, ...) numbers; `pieces` the widths of the
  /// pieces.  A residual network, or one with `timed`, has a time behind them, a number that is known now.
  Network(Program& p, const MlpOptions& h, const std::vector<float>& row, std::vector<std::int64_t> pieces, bool timed,
          const head_layout& top, const std::vector<Outputs>& heads);
  Network(Program& p, const ResidualMlpOptions& h, const std::vector<float>& row, std::vector<std::int64_t> pieces,
          const head_layout& top, const std::vector<Outputs>& heads);

  /// The heads at the pieces.
  std::vector<std::int32_t> operator()(const std::vector<std::int32_t>& pieces, double time = 0);
  /// The parameters of a network that do not depend on its input.
  const std::vector<float>& state_independent() const { return state_independent_; }

 private:
  struct Norm {
    std::int32_t gain = -1, shift = -1;
  };
  // Where the next of a row's tensors lies, each padded to a multiple of 16 numbers.
  class Reader;
  Affine affine(Reader& from, std::int64_t in, std::int64_t out);
  Norm norm(Reader& from, std::int64_t size);
  void first_layer(Reader& from, const std::vector<std::int64_t>& pieces, std::int64_t rest, std::int64_t out);
  void last_layer(Reader& from, std::int64_t in, std::int64_t outputs, const std::vector<Outputs>& heads);
  std::int32_t at_first(const std::vector<std::int32_t>& pieces, double time);
  std::int32_t bias_at(double time);
  std::vector<double> time_code(double time) const;
  std::int32_t activated(std::int32_t z);
  std::int32_t normed(const Norm& n, std::int32_t z);
  std::vector<std::int32_t> heads_of(std::int32_t z);

  Program* p_;
  bool residual_ = false, norm_last_ = false;
  activation activation_ = activation::relu;
  double epsilon_ = 1e-5;
  // The first layer: weights of each piece, its bias, and weights of what is known of a time, (rest, out).
  std::vector<std::int32_t> first_;
  std::vector<float> bias_, rest_;
  std::int64_t rest_size_ = 0;
  std::vector<Affine> layers_, heads_;
  std::vector<Norm> norms_;
  std::vector<std::pair<double, std::int32_t>> biases_;        // at times that were asked for
  std::vector<std::pair<std::int32_t, std::int32_t>> shared_;  // products of the first piece
  // Of a residual network: its frequencies, and the layers of the time code.
  struct Plain {
    std::int64_t in, out;
    std::vector<float> weight, bias;
  };
  std::vector<float> frequencies_;
  std::vector<Plain> code_;
  std::vector<float> state_independent_;
};

// Short words for a program's values.
std::int32_t constant(Program& p, std::int64_t rows, std::int64_t columns, std::vector<float> numbers);
std::int32_t add(Program& p, std::int32_t x, std::int32_t y);
std::int32_t add(Program& p, std::int32_t x, float y);
std::int32_t multiply(Program& p, std::int32_t x, std::int32_t y);
std::int32_t multiply(Program& p, std::int32_t x, float y);
std::int32_t clamp(Program& p, std::int32_t x, float low, float high);
std::int32_t apply(Program& p, op what, std::int32_t x);
std::int32_t apply(Program& p, op what, std::int32_t x, std::int32_t y);
}  // namespace tessera::deploy

#ifndef TESSERA_COMPILED
#include <tessera/deploy/network.impl.hpp>
#endif
