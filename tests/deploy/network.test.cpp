#include <tessera/deploy/network.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

#include <tessera/deploy/policy.hpp>

namespace {
namespace {
using namespace tessera::deploy;
}  // namespace
using tessera::activation, tessera::MlpOptions, tessera::ResidualMlpOptions;
using Vector = std::vector<double>;

// The same network in double, as nn/mlp.hpp defines it: the tensors of a row, one after the other.
struct Reference {
  const std::vector<float>& row;
  std::size_t place = 0;

  const float* take(std::size_t count) {
    const auto* at = row.data() + place;
    place += (count + 15) / 16 * 16;
    return at;
  }
  Vector affine(const Vector& x, std::size_t out) {
    const auto *w = take(x.size() * out), *b = take(out);
    Vector y(b, b + out);
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t j = 0; j < out; ++j) y[j] += x[i] * double(w[i * out + j]);
    return y;
  }
  static Vector normed(Vector x, const float* gain, const float* shift, double epsilon) {
    double mean = 0, square = 0;
    for (const double each : x) mean += each / double(x.size());
    for (const double each : x) square += (each - mean) * (each - mean) / double(x.size());
    for (std::size_t j = 0; j < x.size(); ++j)
      x[j] = (x[j] - mean) / std::sqrt(square + epsilon) * double(gain[j]) + double(shift[j]);
    return x;
  }
};
double activated(activation a, double x) {
  switch (a) {
    case activation::relu:
      return std::max(x, 0.0);
    case activation::gelu:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    case activation::tanh:
      return std::tanh(x);
    case activation::silu:
      return x / (1 + std::exp(-x));
  }
  return x;
}
double mish(double x) { return x * std::tanh(std::log1p(std::exp(x))); }
Vector reference(const MlpOptions& h, const std::vector<float>& row, Vector x, std::size_t outputs) {
  Reference at{row};
  for (const auto width : h.hidden) {
    x = at.affine(x, std::size_t(width));
    const auto* gain = h.layer_norm ? at.take(x.size()) : nullptr;
    const auto* shift = h.layer_norm ? at.take(x.size()) : nullptr;
    if (h.layer_norm && !h.norm_last) x = Reference::normed(x, gain, shift, h.norm_epsilon);
    for (auto& each : x) each = activated(h.activation, each);
    if (h.layer_norm && h.norm_last) x = Reference::normed(x, gain, shift, h.norm_epsilon);
  }
  return at.affine(x, outputs);
}
Vector reference(const ResidualMlpOptions& h, const std::vector<float>& row, Vector x, double time,
                 std::size_t outputs) {
  Reference at{row};
  const auto* w = at.take(std::size_t(h.frequencies));
  Vector code;
  for (const bool sine : {false, true})
    for (std::int64_t k = 0; k < h.frequencies; ++k) {
      const double phase = 2 * std::numbers::pi * double(w[k]) * time;
      code.push_back(sine ? std::sin(phase) : std::cos(phase));
    }
  for (std::size_t i = 0; i < h.time_hidden.size(); ++i) {
    if (i > 0)
      for (auto& each : code) each = mish(each);
    code = at.affine(code, std::size_t(h.time_hidden[i]));
  }
  x.insert(x.end(), code.begin(), code.end());
  auto z = at.affine(x, std::size_t(h.width));
  for (std::int64_t b = 0; b < h.blocks; ++b) {
    const auto inner = std::size_t(h.width * h.expansion);
    // The order in a row: weights, bias, gain and shift of what comes in.
    const auto start = at.place;
    at.take(z.size() * inner), at.take(inner);
    const auto *gain = at.take(z.size()), *shift = at.take(z.size());
    const auto after = at.place;
    at.place = start;
    auto y = at.affine(Reference::normed(z, gain, shift, h.norm_epsilon), inner);
    at.place = after;
    for (auto& each : y) each = mish(each);
    y = at.affine(y, z.size());
    for (std::size_t j = 0; j < z.size(); ++j) z[j] += y[j];
  }
  for (auto& each : z) each = mish(each);
  return at.affine(z, outputs);
}
template <class Options>
std::vector<float> drawn_row(const Options& h, std::int64_t inputs, const tessera::head_layout& top) {
  std::mt19937 random(3);
  std::normal_distribution<float> draw(0, 0.5f);
  std::vector<float> row(std::size_t(tessera::mlp_row(h, inputs, top)));
  for (auto& x : row) x = draw(random);
  return row;
}
// A program of one observation, and of K actions that are known.
Program begun(std::int64_t observation, std::int64_t outputs) {
  Program p;
  p.signature = {.observation_size = observation,
                 .action_size = outputs,
                 .action_low = std::vector<float>(std::size_t(outputs), -1e9f),
                 .action_high = std::vector<float>(std::size_t(outputs), 1e9f)};
  append(p, {.what = op::observation, .columns = observation});
  return p;
}
void check_close(const std::vector<float>& x, const Vector& y, std::size_t from) {
  for (std::size_t j = 0; j < x.size(); ++j) CHECK(double(x[j]) == Approx(y[from + j]).epsilon(2e-5).margin(2e-5));
}
}  // namespace

TEST_CASE("a perceptron is the network that nn::Mlp lays out, with every activation and norm") {
  for (const auto a : {activation::relu, activation::gelu, activation::tanh, activation::silu})
    for (const auto& [norm, last] : {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
      MlpOptions h;
      h.hidden = {19, 7}, h.activation = a, h.layer_norm = norm, h.norm_last = last;
      const tessera::head_layout top{5, 2};
      const auto row = drawn_row(h, 3, top);
      auto p = begun(3, 2);
      Network net(p, h, row, {3}, false, top, {{1, 2}});
      CHECK(net.state_independent() == std::vector<float>(row.end() - 16, row.end() - 14));
      net({0});
      const std::vector<float> x = {0.3f, -1.2f, 2.0f};
      check_close(Policy(p).act(x), reference(h, row, {x.begin(), x.end()}, 5), 1);
    }
}
TEST_CASE("a network without a hidden layer is a linear map, which is used as a whole") {
  MlpOptions h;
  h.hidden = {};
  const auto row = drawn_row(h, 2, {3});
  auto p = begun(2, 3);
  Network net(p, h, row, {2}, false, {3}, {{0, 3}});
  net({0});
  const std::vector<float> x = {0.5f, -2.0f};
  check_close(Policy(p).act(x), reference(h, row, {x.begin(), x.end()}, 3), 0);
  CHECK_THROWS_AS(Network(p, h, row, {2}, false, {3}, {{0, 2}}), tessera::Error);
}
TEST_CASE("pieces, of which the state is shared, and a time are inputs like others") {
  MlpOptions h;
  h.hidden = {9, 9};
  const auto row = drawn_row(h, 2 + 3 + 1, {1});
  auto p = begun(2, 1);
  Network net(p, h, row, {2, 3}, true, {1}, {{0, 1}});
  const auto a = constant(p, 2, 3, {1, 2, 3, -1, 0, 0.5f});
  const auto early = net({0, a}, 0.25)[0], late = net({0, a}, 0.75)[0];
  // The second row of what is made early, less the first of what is made late.
  const auto first = append(p, {.what = op::rows, .in = {late}, .rows = 1, .from = 0});
  const auto second = append(p, {.what = op::rows, .in = {early}, .rows = 1, .from = 1});
  add(p, second, multiply(p, first, -1.0f));
  const auto at = [&](Vector rest) {
    rest.insert(rest.begin(), {0.5, -1.5});
    return reference(h, row, rest, 1)[0];
  };
  const auto given = Policy(p).act(std::vector<float>{0.5f, -1.5f});
  check_close(given, {at({-1, 0, 0.5, 0.25}) - at({1, 2, 3, 0.75})}, 0);
}
TEST_CASE("a residual network's time is a bias") {
  ResidualMlpOptions h;
  h.width = 17, h.blocks = 2, h.expansion = 2, h.frequencies = 5, h.time_hidden = {6, 4};
  const auto row = drawn_row(h, 2 + 2 + 1, {2});
  auto p = begun(2, 2);
  Network net(p, h, row, {2, 2}, {2}, {{0, 2}});
  const auto a = constant(p, 1, 2, {0.4f, -0.3f});
  net({0, a}, 3.0);
  check_close(Policy(p).act(std::vector<float>{1.0f, 0.2f}), reference(h, row, {1.0, 0.2, 0.4, -0.3}, 3.0, 2), 0);
}
TEST_CASE("a row that is too short is an error") {
  const MlpOptions h;
  auto p = begun(3, 1);
  CHECK_THROWS_AS(Network(p, h, std::vector<float>(100), {3}, false, {1}, {{0, 1}}), tessera::Error);
}
