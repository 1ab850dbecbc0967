#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include <tessera/deploy/network.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::deploy {
TESSERA_INLINE std::int32_t constant(Program& p, std::int64_t rows, std::int64_t columns, std::vector<float> numbers) {
  return append(p, {.what = op::constant, .rows = rows, .columns = columns, .numbers = std::move(numbers)});
}
// Of two matrices of one kind of size each, the larger first.
TESSERA_INLINE std::int32_t add(Program& p, std::int32_t x, std::int32_t y) {
  if (p.values[std::size_t(x)].size() < p.values[std::size_t(y)].size()) std::swap(x, y);
  return apply(p, op::add, x, y);
}
TESSERA_INLINE std::int32_t add(Program& p, std::int32_t x, float y) {
  return apply(p, op::add, x, constant(p, 1, 1, {y}));
}
TESSERA_INLINE std::int32_t multiply(Program& p, std::int32_t x, std::int32_t y) {
  if (p.values[std::size_t(x)].size() < p.values[std::size_t(y)].size()) std::swap(x, y);
  return apply(p, op::multiply, x, y);
}
TESSERA_INLINE std::int32_t multiply(Program& p, std::int32_t x, float y) {
  return y == 1.0f ? x : apply(p, op::multiply, x, constant(p, 1, 1, {y}));
}
TESSERA_INLINE std::int32_t clamp(Program& p, std::int32_t x, float low, float high) {
  return append(p, {.what = op::clamp, .in = {x}, .low = low, .high = high});
}
TESSERA_INLINE std::int32_t apply(Program& p, op what, std::int32_t x) { return append(p, {.what = what, .in = {x}}); }
TESSERA_INLINE std::int32_t apply(Program& p, op what, std::int32_t x, std::int32_t y) {
  return append(p, {.what = what, .in = {x, y}});
}

class Network::Reader {
 public:
  explicit Reader(const std::vector<float>& row) : row_(row) {}
  std::vector<float> next(std::int64_t count) {
    if (count < 0 || std::int64_t(row_.size()) - at_ < count) throw Error("a network's row is shorter than its layers");
    const auto from = row_.begin() + at_;
    at_ += (count + 15) / 16 * 16;
    return {from, from + count};
  }

 private:
  const std::vector<float>& row_;
  std::int64_t at_ = 0;
};

TESSERA_INLINE Affine Network::affine(Reader& from, std::int64_t in, std::int64_t out) {
  Affine a;
  a.weight = constant(*p_, in, out, from.next(in * out));
  a.bias = constant(*p_, 1, out, from.next(out));
  return a;
}
TESSERA_INLINE Network::Norm Network::norm(Reader& from, std::int64_t size) {
  Norm n;
  n.gain = constant(*p_, 1, size, from.next(size));
  n.shift = constant(*p_, 1, size, from.next(size));
  return n;
}

TESSERA_INLINE void Network::first_layer(Reader& from, const std::vector<std::int64_t>& pieces, std::int64_t rest,
                                         std::int64_t out) {
  const auto weight = from.next((std::accumulate(pieces.begin(), pieces.end(), std::int64_t(0)) + rest) * out);
  auto at = weight.begin();
  for (const auto width : pieces) {
    first_.push_back(constant(*p_, width, out, {at, at + width * out}));
    at += width * out;
  }
  rest_.assign(at, weight.end()), rest_size_ = rest;
  bias_ = from.next(out);
}
TESSERA_INLINE void Network::last_layer(Reader& from, std::int64_t in, std::int64_t outputs,
                                        const std::vector<Outputs>& heads) {
  const auto weight = from.next(in * outputs), bias = from.next(outputs);
  for (const auto& head : heads) {
    std::vector<float> w, b(bias.begin() + head.from, bias.begin() + head.from + head.count);
    for (std::int64_t i = 0; i < in; ++i) {
      const auto row = weight.begin() + i * outputs + head.from;
      w.insert(w.end(), row, row + head.count);
    }
    Affine a;
    a.weight = constant(*p_, in, head.count, std::move(w));
    a.bias = constant(*p_, 1, head.count, std::move(b));
    heads_.push_back(a);
  }
}

TESSERA_INLINE Network::Network(Program& p, const MlpOptions& h, const std::vector<float>& row,
                                std::vector<std::int64_t> pieces, bool timed, const head_layout& top,
                                const std::vector<Outputs>& heads)
    : p_(&p), norm_last_(h.norm_last), activation_(h.activation), epsilon_(h.norm_epsilon) {
  Reader from(row);
  if (h.hidden.empty()) {  // the first layer is the last
    if (heads.size() != 1 || heads[0].count != top.outputs)
      throw Error("a network without a hidden layer cannot be exported where only a part of its outputs is used");
    first_layer(from, pieces, timed ? 1 : 0, top.outputs);
  } else {
    first_layer(from, pieces, timed ? 1 : 0, h.hidden[0]);
    for (std::size_t i = 0; i < h.hidden.size(); ++i) {
      if (i > 0) layers_.push_back(affine(from, h.hidden[i - 1], h.hidden[i]));
      if (h.layer_norm) norms_.push_back(norm(from, h.hidden[i]));
    }
    last_layer(from, h.hidden.back(), top.outputs, heads);
  }
  state_independent_ = from.next(top.state_independent);
}

TESSERA_INLINE Network::Network(Program& p, const ResidualMlpOptions& h, const std::vector<float>& row,
                                std::vector<std::int64_t> pieces, const head_layout& top,
                                const std::vector<Outputs>& heads)
    : p_(&p), residual_(true), epsilon_(h.norm_epsilon) {
  Reader from(row);
  frequencies_ = from.next(h.frequencies);
  std::int64_t code = 2 * h.frequencies;
  for (const auto out : h.time_hidden) {
    code_.push_back({code, out, from.next(code * out), {}});
    code_.back().bias = from.next(out);
    code = out;
  }
  first_layer(from, pieces, code, h.width);
  for (std::int64_t b = 0; b < h.blocks; ++b) {
    layers_.push_back(affine(from, h.width, h.width * h.expansion));
    norms_.push_back(norm(from, h.width));
    layers_.push_back(affine(from, h.width * h.expansion, h.width));
  }
  last_layer(from, h.width, top.outputs, heads);
  state_independent_ = from.next(top.state_independent);
}

// What the first layer knows of a time: the time itself, or a residual network's code of it (residual_network.hpp).
TESSERA_INLINE std::vector<double> Network::time_code(double time) const {
  if (!residual_) return std::vector<double>(std::size_t(rest_size_), time);
  std::vector<double> code;
  for (const bool sine : {false, true})
    for (const float w : frequencies_) {
      const double phase = 2 * std::numbers::pi * double(w) * time;
      code.push_back(sine ? std::sin(phase) : std::cos(phase));
    }
  for (std::size_t k = 0; k < code_.size(); ++k) {
    const auto& l = code_[k];
    std::vector<double> next(l.bias.begin(), l.bias.end());
    for (std::int64_t i = 0; i < l.in; ++i) {
      const double x = code[std::size_t(i)], fed = k > 0 ? x * std::tanh(std::log1p(std::exp(x))) : x;
      for (std::int64_t j = 0; j < l.out; ++j)
        next[std::size_t(j)] += fed * double(l.weight[std::size_t(i * l.out + j)]);
    }
    code = std::move(next);
  }
  return code;
}
TESSERA_INLINE std::int32_t Network::bias_at(double time) {
  for (const auto& [at, bias] : biases_)
    if (at == time) return bias;
  std::vector<double> sum(bias_.begin(), bias_.end());
  const auto code = time_code(time);
  for (std::size_t i = 0; i < code.size(); ++i)
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += code[i] * double(rest_[i * sum.size() + j]);
  const auto made = constant(*p_, 1, std::int64_t(sum.size()), {sum.begin(), sum.end()});
  biases_.emplace_back(time, made);
  return made;
}

TESSERA_INLINE std::int32_t Network::at_first(const std::vector<std::int32_t>& pieces, double time) {
  const auto product = [&](std::size_t k, std::int32_t bias) {
    Value v{.what = op::linear, .in = {pieces[k], first_[k]}};
    if (bias >= 0) v.in.push_back(bias);
    return append(*p_, std::move(v));
  };
  if (pieces.size() == 1) return product(0, bias_at(time));
  // The first piece is the state, which does not change from one call to the next.
  std::int32_t shared = -1;
  for (const auto& [state, made] : shared_)
    if (state == pieces[0]) shared = made;
  if (shared < 0) shared_.emplace_back(pieces[0], shared = product(0, -1));
  auto z = product(1, bias_at(time));
  for (std::size_t k = 2; k < pieces.size(); ++k) z = add(*p_, z, product(k, -1));
  return add(*p_, z, shared);
}

TESSERA_INLINE std::int32_t Network::activated(std::int32_t z) {
  switch (activation_) {
    case activation::relu:
      return apply(*p_, op::relu, z);
    case activation::gelu:
      return apply(*p_, op::gelu, z);
    case activation::tanh:
      return apply(*p_, op::tanh, z);
    case activation::silu:
      return apply(*p_, op::silu, z);
  }
  throw Error("a network of an unknown activation cannot be exported");
}
TESSERA_INLINE std::int32_t Network::normed(const Norm& n, std::int32_t z) {
  return append(*p_, {.what = op::layer_norm, .in = {z, n.gain, n.shift}, .low = float(epsilon_)});
}
TESSERA_INLINE std::vector<std::int32_t> Network::heads_of(std::int32_t z) {
  std::vector<std::int32_t> out;
  for (const auto& head : heads_) out.push_back(append(*p_, {.what = op::linear, .in = {z, head.weight, head.bias}}));
  return out;
}

TESSERA_INLINE std::vector<std::int32_t> Network::operator()(const std::vector<std::int32_t>& pieces, double time) {
  auto z = at_first(pieces, time);
  const auto linear = [&](std::int32_t x, const Affine& l) {
    return append(*p_, {.what = op::linear, .in = {x, l.weight, l.bias}});
  };
  if (residual_) {
    for (std::size_t b = 0; b < norms_.size(); ++b) {
      const auto inner = apply(*p_, op::mish, linear(normed(norms_[b], z), layers_[2 * b]));
      z = apply(*p_, op::add, z, linear(inner, layers_[2 * b + 1]));
    }
    return heads_of(apply(*p_, op::mish, z));
  }
  if (heads_.empty()) return {z};
  for (std::size_t i = 0; i <= layers_.size(); ++i) {
    if (i > 0) z = linear(z, layers_[i - 1]);
    if (!norms_.empty() && !norm_last_) z = normed(norms_[i], z);
    z = activated(z);
    if (!norms_.empty() && norm_last_) z = normed(norms_[i], z);
  }
  return heads_of(z);
}
}  // namespace tessera::deploy
