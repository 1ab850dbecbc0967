#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/concepts/part.hpp>
#include <tessera/concepts/types.hpp>
#include <tessera/options/network.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/saturating.hpp>

namespace tessera {
/// The shape of a residual network on [x, t], whose last input t is a time:
///   code = layers of [cos 2 pi w t, sin 2 pi w t],  mish between them;  w is trained
///   z = W [x, code] + b;   `blocks` times  z <- z + B mish(A LayerNorm(z) + a) + b;   out = W mish(z) + b
/// Source: Hansen-Estruch et al. 2023 (IDQL), section 5 and authors' code.
struct ResidualMlpOptions {
  std::int64_t width = 256;
  std::int64_t blocks = 3;
  std::int64_t expansion = 4;
  std::int64_t frequencies = 32;
  std::vector<std::int64_t> time_hidden = {128, 128};
  double norm_epsilon = 1e-6;
  double last_gain = 1.0;

  static constexpr doc docs[] = {
      {"width", "numbers that the blocks pass on (IDQL: 256)", 1, 65536},
      {"blocks", "residual blocks (IDQL: 3)", 0, 1000},
      {"expansion", "width of a block's hidden layer, in widths (IDQL: 4)", 1, 64},
      {"frequencies", "trained frequencies of the time, of each a cosine and a sine (IDQL: 32)", 1, 65536},
      {"time_hidden", "widths of the layers that code the time, the last of them the code's (IDQL: 128,128)", 1, 65536},
      {"norm_epsilon", "what LayerNorm adds to the variance (Flax 1e-6)", above_zero},
      {"last_gain", "factor on the initial weights of the output layer"},
  };
};

/// As `mlp_row` of a perceptron: numbers of one member, each tensor filled up to a multiple of 16.
inline std::uint64_t mlp_row(const ResidualMlpOptions& h, std::int64_t inputs, const head_layout& top) {
  using math::saturating_product, math::saturating_sum;
  std::uint64_t row = 0;
  const auto take = [&](std::uint64_t count) {
    row = saturating_sum(row, saturating_product(saturating_sum(count, 15) / 16, 16));
  };
  const auto place = [&](std::uint64_t in, std::int64_t out, bool norm) {
    if (out < 1) throw Error("a layer of " + std::to_string(out) + " units; give at least 1");
    take(saturating_product(in, std::uint64_t(out))), take(std::uint64_t(out));
    if (norm) take(in), take(in);
    return std::uint64_t(out);
  };
  if (h.time_hidden.empty() || h.frequencies < 1)
    throw Error("a residual network codes its time in at least one layer; give time_hidden, and frequencies above 0");
  take(std::uint64_t(h.frequencies));
  std::uint64_t code = 2 * std::uint64_t(h.frequencies);
  for (const auto out : h.time_hidden) code = place(code, out, false);
  const auto x = std::uint64_t(std::max<std::int64_t>(inputs - 1, 0));
  auto width = place(saturating_sum(x, code), h.width, false);
  for (std::int64_t b = 0; b < h.blocks; ++b) width = place(place(width, h.width * h.expansion, true), h.width, false);
  place(width, top.outputs, false);
  take(std::uint64_t(std::max<std::int64_t>(top.state_independent, 0)));
  return row;
}
/// As `network_bytes` of a perceptron.
inline std::uint64_t network_bytes(const ResidualMlpOptions& h, std::int64_t inputs, std::int64_t members,
                                   const head_layout& top, bool with_target) {
  const auto copies = std::uint64_t(with_target ? 5 : 4), rows = std::uint64_t(std::max<std::int64_t>(members, 1));
  return math::saturating_product(math::saturating_product(mlp_row(h, inputs, top), rows), 4 * copies);
}
}  // namespace tessera
