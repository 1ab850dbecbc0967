#include <tessera/nn/mlp_node.hpp>

#include <cmath>

#include "helpers/tensors.hpp"
#include "tessera/nn/random.hpp"

using namespace support;
using namespace tessera;
using nn::Mlp;
using nn::MlpNode;

namespace {
constexpr std::int64_t inputs = 5, outputs = 3;
constexpr auto all_activations = {activation::relu, activation::gelu, activation::tanh, activation::silu};

MlpOptions shape(std::vector<std::int64_t> hidden, activation a = activation::tanh, bool norm = false) {
  MlpOptions h;
  h.hidden = std::move(hidden);
  h.activation = a;
  h.layer_norm = norm;
  return h;
}
/// LayerNorm after the activation, with an epsilon that shows.
MlpOptions norm_last(std::vector<std::int64_t> hidden, activation a) {
  auto h = shape(std::move(hidden), a, true);
  h.norm_last = true;
  h.norm_epsilon = 0.25;
  return h;
}
/// A network without LayerNorm, with it before the activation, and after.
std::vector<MlpOptions> all_norms(const std::vector<std::int64_t>& hidden, activation a) {
  return {shape(hidden, a), shape(hidden, a, true), norm_last(hidden, a)};
}
/// Doubles, random everywhere, so that gains and shifts are not at their neutral values.
at::Tensor normal(at::IntArrayRef sizes) { return at::randn(sizes, at::kDouble); }

at::Tensor by_node(const Mlp& mlp, const at::Tensor& parameters, at::Tensor* gradient, const at::Tensor& x,
                   const at::Tensor& weight) {
  auto v = mlp.look(parameters);
  auto anchor = at::zeros({0}, at::kDouble).requires_grad_();
  Mlp::views g;
  if (gradient != nullptr) g = mlp.look(*gradient);
  const auto out =
      MlpNode::apply(x, gradient != nullptr ? anchor : x, &mlp, &v, gradient != nullptr ? &g : nullptr, &parameters);
  if (out.requires_grad()) (out * weight).sum().backward();
  return out.detach();
}
void node_equals_twin(const MlpOptions& h, std::int64_t members, std::int64_t batch) {
  const Mlp mlp(h, inputs, members, {outputs});
  const auto parameters = 0.5 * normal({members, mlp.row()}), x = normal({batch, inputs});
  const auto weight = normal({members, batch, outputs});

  auto gradient = at::zeros_like(parameters);
  const auto x_node = leaf(x);
  const auto out = by_node(mlp, parameters, &gradient, x_node, weight);

  const auto plain = leaf(parameters), x_plain = leaf(x);
  const auto expected = mlp.forward(mlp.look(plain), x_plain);
  (expected * weight).sum().backward();

  CHECK(close(out, expected));
  CHECK(close(gradient, plain.grad()));
  CHECK(close(x_node.grad(), x_plain.grad()));
}
}  // namespace

TEST_CASE("the node computes what its twin in plain operations does", "[nn][mlp]") {
  torch::manual_seed(1);
  for (auto a : all_activations)
    for (const auto& h : all_norms({16, 8}, a))
      for (std::int64_t members : {1, 2, 10})
        for (std::int64_t batch : {1, 7, 256}) {
          INFO("activation " << int(a) << ", norm " << h.layer_norm << h.norm_last << ", members " << members
                             << ", batch " << batch);
          node_equals_twin(h, members, batch);
        }
  node_equals_twin(shape({}), 1, 7);  // linear
  node_equals_twin(shape({}), 3, 7);
  node_equals_twin(shape({33}), 2, 7);  // a width that is padded
}

TEST_CASE("a small network, computed by hand", "[nn][mlp]") {
  // One hidden layer of two: z = (x1 + 2 x2 + .5, -x1), relu, out = 3 h1 - h2 - 1.
  const Mlp mlp(shape({2}, activation::relu), 2, 1, {1});
  auto buffer = at::zeros({1, mlp.row()}, at::kDouble);
  auto v = mlp.look(buffer);
  v.layers[0].weight[0].copy_(matrix(2, 2, {1, -1, 2, 0}));
  v.layers[0].bias[0][0].copy_(row({0.5, 0}));
  v.layers[1].weight[0].copy_(matrix(2, 1, {3, -1}));
  v.layers[1].bias[0][0].copy_(row({-1}));
  const auto x = matrix(2, 2, {1, 1, -2, 0.5});
  // x = (1, 1): h = (3.5, 0), out 9.5; x = (-2, .5): h = (0, 2), out -3
  CHECK(close(mlp.forward(v, x), at::stack({matrix(2, 1, {9.5, -3})})));
}

TEST_CASE("LayerNorm of a layer, computed by hand", "[nn][mlp]") {
  // The identity layer on (1, 3): mean 2, variance 1; normalized (-1, 1) / sqrt(1 + 1e-5); times 2 plus (0, 1).
  const Mlp mlp(shape({2}, activation::relu, true), 2, 1, {1});
  auto buffer = at::zeros({1, mlp.row()}, at::kDouble);
  auto v = mlp.look(buffer);
  v.layers[0].weight[0].copy_(at::eye(2, at::kDouble));
  v.layers[0].gain.fill_(2);
  v.layers[0].shift[0][0].copy_(row({0, 1}));
  v.layers[1].weight[0].fill_(1);
  CHECK(number(mlp.forward(v, matrix(1, 2, {1, 3}))) == Approx(2 / std::sqrt(1 + 1e-5) + 1));
}

TEST_CASE("LayerNorm after the activation, computed by hand", "[nn][mlp]") {
  // The identity layer on (-1, 4): relu gives (0, 4), mean 2, variance 4; normalized (-2, 2) / sqrt(4 + 1/4); times 2
  // plus (0, 1); the second alone counts.  Before the activation: mean 1.5, variance 6.25; (-2.5, 2.5) / sqrt(6.5).
  auto h = norm_last({2}, activation::relu);
  for (bool last : {true, false}) {
    h.norm_last = last;
    const Mlp mlp(h, 2, 1, {1});
    auto buffer = at::zeros({1, mlp.row()}, at::kDouble);
    auto v = mlp.look(buffer);
    v.layers[0].weight[0].copy_(at::eye(2, at::kDouble));
    v.layers[0].gain.fill_(2);
    v.layers[0].shift[0][0].copy_(row({0, 1}));
    v.layers[1].weight[0].copy_(matrix(2, 1, {1, 3}));
    const double by_hand = last ? -4 / std::sqrt(4.25) + 3 * (4 / std::sqrt(4.25) + 1) : 3 * (5 / std::sqrt(6.5) + 1);
    CHECK(number(mlp.forward(v, matrix(1, 2, {-1, 4}))) == Approx(by_hand));
    CHECK(mlp.norm_last() == last);
  }
  h.layer_norm = false;
  CHECK_FALSE(Mlp(h, 2, 1, {1}).norm_last());  // without LayerNorm it has no position
}

TEST_CASE("activations, computed by hand", "[nn][mlp]") {
  const double x = 0.7;
  const double gelu = 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979324) * (x + 0.044715 * x * x * x)));
  const double expected[] = {x, gelu, std::tanh(x), x / (1 + std::exp(-x))};
  for (auto a : all_activations)
    CHECK(number(Mlp(shape({4}, a), 1, 1, {1}).activate(row({x}))) == Approx(expected[int(a)]));
  CHECK(number(Mlp(shape({4}, activation::relu), 1, 1, {1}).activate(row({-x}))) == 0);
}

TEST_CASE("the node's gradients are slopes", "[nn][mlp]") {
  torch::manual_seed(2);
  for (auto a : all_activations)
    for (const auto& h : all_norms({6, 4}, a))
      for (std::int64_t members : {1, 2}) {
        INFO("activation " << int(a) << ", norm " << h.layer_norm << h.norm_last << ", members " << members);
        const Mlp mlp(h, inputs, members, {outputs});
        const auto parameters = 0.7 * normal({members, mlp.row()}), x = normal({3, inputs});
        const auto weight = normal({members, 3, outputs});
        auto gradient = at::zeros_like(parameters);
        const auto x_leaf = leaf(x);
        by_node(mlp, parameters, &gradient, x_leaf, weight);
        const auto value = [&](const at::Tensor& p, const at::Tensor& at_x) {
          return number((by_node(mlp, p, nullptr, at_x, weight) * weight).sum());
        };
        CHECK(close(gradient, slope([&](const at::Tensor& p) { return value(p, x); }, parameters), 1e-6));
        CHECK(close(x_leaf.grad(), slope([&](const at::Tensor& y) { return value(parameters, y); }, x), 1e-6));
      }
}

TEST_CASE("backward passes add up", "[nn][mlp]") {
  const Mlp mlp(shape({8}), inputs, 2, {outputs});
  const auto parameters = normal({2, mlp.row()}), x = normal({4, inputs}), weight = normal({2, 4, outputs});
  auto once = at::zeros_like(parameters), twice = at::zeros_like(parameters);
  by_node(mlp, parameters, &once, x, weight);  // x has no gradient: the anchor calls the pass
  by_node(mlp, parameters, &twice, x, weight);
  by_node(mlp, parameters, &twice, x, weight);
  CHECK(once.abs().sum().item<double>() > 0);
  CHECK(close(twice, 2 * once));
}

TEST_CASE("an ensemble is its members, each for itself", "[nn][mlp]") {
  const Mlp all(shape({16, 8}, activation::silu, true), inputs, 4, {outputs});
  const Mlp one(shape({16, 8}, activation::silu, true), inputs, 1, {outputs});
  REQUIRE(all.row() == one.row());
  const auto parameters = 0.5 * normal({4, all.row()}), x = normal({7, inputs}), weight = normal({4, 7, outputs});
  auto gradient = at::zeros_like(parameters);
  const auto out = by_node(all, parameters, &gradient, x, weight);
  for (std::int64_t n = 0; n < 4; ++n) {
    const auto own = parameters.narrow(0, n, 1).clone();
    auto own_gradient = at::zeros_like(own);
    const auto own_out = by_node(one, own, &own_gradient, x, weight.narrow(0, n, 1));
    CHECK(close(out.narrow(0, n, 1), own_out));
    CHECK(close(gradient.narrow(0, n, 1), own_gradient));
  }
}

namespace {
at::Tensor initial(const Mlp& mlp, std::uint64_t seed) {
  auto buffer = at::empty({mlp.members(), mlp.row()}, at::kFloat);
  mlp.initialize(buffer, nn::generator(at::kCPU, seed, 0, 0));
  return buffer;
}
}  // namespace

TEST_CASE("orthogonal weights are orthogonal, with gain sqrt 2", "[nn][mlp]") {
  auto h = shape({32, 8, 24});
  h.init = initialization::orthogonal;
  h.last_gain = 0.01;
  const Mlp mlp(h, inputs, 2, {outputs});
  const auto buffer = initial(mlp, 3);
  const auto v = mlp.look(buffer);
  for (std::size_t i = 0; i < v.layers.size(); ++i)
    for (std::int64_t n = 0; n < 2; ++n) {
      const auto w = v.layers[i].weight[n];
      const auto gram = w.size(0) >= w.size(1) ? at::mm(w.t(), w) : at::mm(w, w.t());
      const double scale = i + 1 == v.layers.size() ? 2 * 0.01 * 0.01 : 2;  // the gain, squared
      CHECK(close(gram / scale, at::eye(gram.size(0)), 1e-5));
      CHECK(v.layers[i].bias[n].abs().max().item<float>() == 0);
    }
  CHECK_FALSE(close(v.layers[0].weight[0], v.layers[0].weight[1], 1e-2));
}

TEST_CASE("uniform weights fill their bounds", "[nn][mlp]") {
  auto h = shape({400}, activation::relu, true);
  h.last_gain = 0.5;
  const Mlp mlp(h, 100, 2, {200});
  const auto buffer = initial(mlp, 4);
  const auto v = mlp.look(buffer);
  const double bounds[] = {0.1, 0.5 * 0.05};  // gain / sqrt(fan in)
  for (std::size_t i = 0; i < 2; ++i)
    for (const auto& t : {v.layers[i].weight, v.layers[i].bias}) {
      CHECK(t.abs().max().item<double>() <= bounds[i] * (1 + 1e-6));
      CHECK(t.abs().max().item<double>() > 0.97 * bounds[i]);
      CHECK(t.square().mean().item<double>() == Approx(bounds[i] * bounds[i] / 3).epsilon(0.15));
    }
  CHECK(v.layers[0].gain.eq(1).all().item<bool>());
  CHECK(v.layers[0].shift.eq(0).all().item<bool>());
  CHECK_FALSE(close(v.layers[0].weight[0], v.layers[0].weight[1], 1e-2));  // members are drawn on their own
  CHECK(at::equal(buffer, initial(mlp, 4)));
  CHECK_FALSE(at::equal(buffer, initial(mlp, 5)));
}

TEST_CASE("biased: hidden biases are 0.1, the rest as without", "[nn][mlp]") {
  auto h = shape({64, 32});
  const auto plain_buffer = initial(Mlp(h, inputs, 2, {outputs}), 4);
  h.init = initialization::biased;
  const Mlp mlp(h, inputs, 2, {outputs});
  const auto buffer = initial(mlp, 4);
  const auto v = mlp.look(buffer), plain = mlp.look(plain_buffer);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(at::equal(v.layers[i].weight, plain.layers[i].weight));
    if (i < 2) CHECK(v.layers[i].bias.eq(0.1f).all().item<bool>());
    else CHECK(at::equal(v.layers[i].bias, plain.layers[i].bias));
  }
  CHECK_FALSE(plain.layers[0].bias.eq(0.1f).any().item<bool>());
}

TEST_CASE("an output layer of bounded start", "[nn][mlp]") {
  for (auto init : {initialization::kaiming_uniform, initialization::orthogonal, initialization::biased}) {
    auto h = shape({200});
    h.init = init;
    h.last_gain = 100;  // the bound is the last word
    h.last_bound = 3e-3;
    const Mlp mlp(h, inputs, 2, {200});
    const auto buffer = initial(mlp, 4);
    const auto v = mlp.look(buffer);
    for (const auto& t : {v.layers[1].weight, v.layers[1].bias}) {
      CHECK(t.abs().max().item<double>() <= 3e-3 * (1 + 1e-6));
      CHECK(t.abs().max().item<double>() > 0.97 * 3e-3);
      CHECK(t.square().mean().item<double>() == Approx(3e-6).epsilon(0.15));  // a third of the bound's square
    }
    CHECK(v.layers[0].weight.abs().max().item<double>() > 0.1);  // of the output layer alone
    CHECK_FALSE(close(v.layers[1].weight[0], v.layers[1].weight[1], 1e-4));
  }
}

TEST_CASE("a row holds every tensor at a multiple of 64 bytes", "[nn][mlp]") {
  const Mlp mlp(shape({33, 7}, activation::relu, true), inputs, 3, {outputs, 2, -0.25});
  CHECK(mlp.row() % 16 == 0);
  CHECK(mlp.weights() == 5 * 33 + 33 * 7 + 7 * 3);
  const auto buffer = initial(mlp, 5);
  auto v = mlp.look(buffer);
  std::vector<std::pair<std::int64_t, std::int64_t>> spans;  // within the first row
  v.each([&](const at::Tensor& t) {
    CHECK(t.storage_offset() % 16 == 0);
    spans.emplace_back(t.storage_offset(), t.storage_offset() + (t.dim() == 3 ? t[0].numel() : t.numel()));
  });
  REQUIRE(spans.size() == 4 + 4 + 2 + 1);
  for (std::size_t i = 1; i < spans.size(); ++i) CHECK(spans[i].first >= spans[i - 1].second);  // no overlap
  CHECK(spans.back().second <= mlp.row());
  CHECK(close(v.state_independent, row({-0.25, -0.25})));
}
