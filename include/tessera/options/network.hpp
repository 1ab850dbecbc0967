#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera {
enum class activation { relu, gelu, tanh, silu };
enum class initialization { kaiming_uniform, orthogonal, biased };

/// The names of an enumeration's values, in order: how they are written on a command line and in files.
constexpr std::array<const char*, 4> enumerators(activation) { return {"relu", "gelu", "tanh", "silu"}; }
constexpr std::array<const char*, 3> enumerators(initialization) { return {"kaiming_uniform", "orthogonal", "biased"}; }

/// The shape of a multi-layer perceptron.
struct MlpOptions {
  std::vector<std::int64_t> hidden = {256, 256};
  tessera::activation activation = tessera::activation::relu;
  bool layer_norm = false;
  bool norm_last = false;
  double norm_epsilon = 1e-5;
  initialization init = initialization::kaiming_uniform;
  double last_gain = 1.0;
  double last_bound = 0.0;

  static constexpr doc docs[] = {
      {"hidden", "widths of the hidden layers", 1, 65536},
      {"activation", "relu, gelu (tanh approximation), tanh or silu"},
      {"layer_norm", "LayerNorm on every hidden layer (RLPD)"},
      {"norm_last", "whether LayerNorm comes after the activation (ReBRAC) rather than before it"},
      {"norm_epsilon", "what LayerNorm adds to the variance (PyTorch 1e-5, Flax 1e-6)", above_zero},
      {"init",
       "kaiming_uniform: weights and biases U(+-1/sqrt(fan_in)), PyTorch's default; orthogonal: gain sqrt(2), zero "
       "biases (IQL); "
       "biased: as kaiming_uniform, but hidden biases are 0.1 (EDAC, ReBRAC)"},
      {"last_gain", "factor on the initial weights of the output layer"},
      {"last_bound",
       "b > 0: the output layer's weights and biases are U(+-b) (EDAC, ReBRAC: policy 1e-3, critics 3e-3); 0: as init "
       "says",
       0},
  };
};

/// The length of a decay that lasts as long as the run.
inline constexpr std::int64_t of_the_run = -1;

/// Adam (Kingma, Ba 2015).
struct AdamOptions {
  double learning_rate = 3e-4;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  std::int64_t cosine_steps = 0;  ///< `of_the_run`: one for each update of the run
  double weight_decay = 0.0;
  bool decoupled = true;
  double max_gradient_norm = 0.0;

  static constexpr doc docs[] = {
      {"learning_rate", "step size", 0},
      {"beta1", "decay of the first moment, in [0, 1)", 0, below_one},
      {"beta2", "decay of the second moment, in [0, 1)", 0, below_one},
      {"epsilon", "added to the root of the second moment", above_zero},
      {"cosine_steps",
       "length of a cosine decay of the step size to zero, in steps of this optimizer; 0: constant; -1: that of the "
       "run",
       -1},
      {"weight_decay", "coefficient that pulls every parameter toward 0", 0},
      {"decoupled",
       "true: x <- x - rate * weight_decay * x, decoupled from the step (AdamW); false: weight_decay * x joins the "
       "gradient "
       "(L2)"},
      {"max_gradient_norm",
       "gradient clipping: the gradient of the whole network, all members', is scaled down to this norm; 0: none", 0},
  };
};

/// How many numbers one member of an ensemble of perceptrons takes, each tensor padded to a multiple of 16: a row of
/// nn::Mlp.  Saturates at the largest 64-bit number.  Throws Error where a layer has no units.
inline std::uint64_t mlp_row(const MlpOptions& h, std::int64_t inputs, const head_layout& top) {
  constexpr std::size_t max_layers = 1000;
  if (h.hidden.size() > max_layers)
    throw Error("a network of " + std::to_string(h.hidden.size()) + " hidden layers; there are at most " +
                std::to_string(max_layers));
  using math::saturating_product, math::saturating_sum;
  std::uint64_t row = 0, in = std::uint64_t(std::max<std::int64_t>(inputs, 0));
  const auto take = [&](std::uint64_t count) {
    row = saturating_sum(row, saturating_product((saturating_sum(count, 15)) / 16, 16));
  };
  const auto place = [&](std::int64_t out, bool norm) {
    if (out < 1) throw Error("a layer of " + std::to_string(out) + " units; give at least 1");
    take(saturating_product(in, std::uint64_t(out)));
    for (int i = 0; i < (norm ? 3 : 1); ++i) take(std::uint64_t(out));
    in = std::uint64_t(out);
  };
  for (const auto out : h.hidden) place(out, h.layer_norm);
  place(top.outputs, false);
  take(std::uint64_t(std::max<std::int64_t>(top.state_independent, 0)));
  return row;
}

/// Bytes that a network takes in training, with 4-byte numbers: parameters, gradient, the optimizer's two moments, and
/// a target copy if there is one.
inline std::uint64_t network_bytes(const MlpOptions& h, std::int64_t inputs, std::int64_t members,
                                   const head_layout& top, bool with_target) {
  const auto copies = std::uint64_t(with_target ? 5 : 4), rows = std::uint64_t(std::max<std::int64_t>(members, 1));
  return math::saturating_product(math::saturating_product(mlp_row(h, inputs, top), rows), 4 * copies);
}
}  // namespace tessera
