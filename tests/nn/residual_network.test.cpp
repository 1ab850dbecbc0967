#include <tessera/options/residual_network.hpp>
//
#include <tessera/nn/network.hpp>
#include <tessera/nn/random.hpp>

#include <cmath>
#include <set>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

namespace {
ResidualMlpOptions small() {
  ResidualMlpOptions h;
  h.width = 6, h.blocks = 2, h.expansion = 2, h.frequencies = 3, h.time_hidden = {5, 4};
  return h;
}
nn::Network network(const ResidualMlpOptions& h, std::int64_t inputs, std::int64_t members = 0, head_layout top = {2}) {
  return nn::Network(h, {.learning_rate = 0.01}, inputs, members, top, true, at::kCPU, nn::generator(at::kCPU, 1, 0, 0),
                     at::kDouble);
}
double mish(double x) { return x * std::tanh(std::log1p(std::exp(x))); }
}  // namespace

TEST_CASE("a residual network's pass, computed by hand", "[nn][network]") {
  ResidualMlpOptions h;
  h.width = 2, h.blocks = 1, h.expansion = 1, h.frequencies = 1, h.time_hidden = {1}, h.norm_epsilon = 1e-14;
  const nn::Mlp mlp(h, 2, 1, {1});
  REQUIRE(mlp.layers().size() == 5);
  auto parameters = at::zeros({1, mlp.row()}, at::kDouble);
  auto v = mlp.look(parameters);
  // At t = 1 the phase is a quarter: cos 0, sin 1; the code is 2 + 1 = 3.
  v.frequencies.fill_(0.25);
  v.layers[0].weight.copy_(row({5, 2}).view({1, 2, 1})), v.layers[0].bias.fill_(1);
  // From x = 1 and the code: z = (4, 2), which LayerNorm makes (1, -1), gain and shift (2, -2).
  v.layers[1].weight.copy_(row({1, 2, 1, 0}).view({1, 2, 2}));
  v.layers[2].gain.copy_(row({2, 3}).view({1, 1, 2})), v.layers[2].shift.copy_(row({0, 1}).view({1, 1, 2}));
  v.layers[2].weight.copy_(row({1, 0, 0, 1}).view({1, 2, 2}));
  v.layers[3].weight.copy_(row({1, 0, 0, 1}).view({1, 2, 2})), v.layers[3].bias.fill_(0.5);
  v.layers[4].weight.copy_(row({1, 10}).view({1, 2, 1})), v.layers[4].bias.fill_(-1);
  const double first = 4.5 + mish(2), second = 2.5 + mish(-2);
  CHECK(close(mlp.forward(v, matrix(1, 2, {1, 1})), row({mish(first) + 10 * mish(second) - 1}).view({1, 1, 1}), 1e-9));
}

TEST_CASE("a residual network's passes have one value, and its gradient is its slope", "[nn][network]") {
  for (const std::int64_t members : {0, 1, 3}) {
    CAPTURE(members);
    auto net = network(small(), 4, members);
    const auto state = at::randn({7, 2}, at::kDouble), action = leaf(at::randn({7, 2}, at::kDouble));
    const auto trained = net.trained(state, action).out;
    CHECK(trained.dim() == (members == 0 ? 2 : 3));
    CHECK(close(net.fixed(state, action.detach()).out, trained));
    CHECK(close(net.target(state, action.detach()).out, trained));
    CHECK(close(net.frozen(state, action).out, trained));
    CHECK_FALSE(net.fixed(state, action.detach()).out.requires_grad());

    net.frozen(state, action).out.square().sum().backward();
    CHECK(number(net.gradient().abs().max()) == 0);
    const auto through = action.grad().clone();
    action.mutable_grad().zero_();
    trained.square().sum().backward();
    CHECK(close(action.grad(), through));
    const auto& mlp = net.mlp();
    const auto loss = [&](const at::Tensor& parameters) {
      return number(mlp.forward(mlp.look(parameters), at::cat({state, action.detach()}, 1)).square().sum());
    };
    CHECK(close(net.gathered_gradient(), slope(loss, net.parameters()), 1e-6));
  }
}

TEST_CASE("a residual network at several actions a state is that many passes", "[nn][network]") {
  auto net = network(small(), 4);
  const auto state = at::randn({5, 2}, at::kDouble), actions = at::randn({5, 6, 2}, at::kDouble);
  const auto many = net.fixed_many(state, actions).out;
  REQUIRE(many.sizes() == at::IntArrayRef({5, 6, 2}));
  for (int k = 0; k < 6; ++k) CHECK(close(many.select(1, k), net.fixed(state, actions.select(1, k).contiguous()).out));
  CHECK(close(net.trained_many(state, actions).out, many));
}

TEST_CASE("a residual network steps down its gradient, and its average follows", "[nn][network]") {
  auto net = network(small(), 4);
  const auto x = at::randn({30, 4}, at::kDouble);
  const auto loss = [&] { return (net.trained(x).out - x.narrow(1, 0, 2)).square().mean(); };
  const double first = number(loss());
  for (int k = 0; k < 100; ++k) {
    loss().backward();
    const auto before = net.target_parameters().clone();
    net.apply_and_follow(0.25);
    CHECK(close(net.target_parameters(), 0.25 * net.parameters() + 0.75 * before, 1e-9));
    CHECK(number(net.gradient().abs().max()) == 0);
  }
  CHECK(number(loss()) < 0.2 * first);
}

TEST_CASE("a residual network begins with frequencies, plain norms, and weights of each layer's scale",
          "[nn][network]") {
  const auto net = network({}, 20);
  const auto v = net.mlp().look(net.parameters());
  CHECK(v.layers.size() == 2 + 1 + 6 + 1);
  CHECK(number(v.frequencies.std()) == Approx(0.2).epsilon(0.3));
  CHECK(close(v.layers[3].gain, at::ones_like(v.layers[3].gain)));
  CHECK(number(v.layers[4].weight.abs().max()) == Approx(1 / std::sqrt(1024.0)).epsilon(0.01));
}

TEST_CASE("a residual network's size is known before it is made", "[nn][network]") {
  for (const std::int64_t inputs : {1, 4, 50}) {
    CHECK(mlp_row(small(), inputs, {2}) == std::uint64_t(nn::Mlp(small(), inputs, 1, {2}).row()));
    CHECK(mlp_row(ResidualMlpOptions{}, inputs, {3, 2}) ==
          std::uint64_t(nn::Mlp(ResidualMlpOptions{}, inputs, 1, {3, 2}).row()));
  }
  CHECK(network_bytes(small(), 4, 0, {2}, true) == 5 * 4 * mlp_row(small(), 4, {2}));
  auto h = small();
  h.time_hidden = {};
  CHECK_THROWS_WITH(mlp_row(h, 4, {2}), Catch::Contains("time_hidden"));
}
