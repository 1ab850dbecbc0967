#include <tessera/nn/network.hpp>
//
#include <tessera/math/flow.hpp>
#include <tessera/nn/polyak.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/threads.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <thread>
#include <type_traits>
#include <utility>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

namespace {
nn::Network network(std::int64_t members, head_layout top = {2}, std::uint64_t seed = 1) {
  MlpOptions h;
  h.hidden = {16};
  h.activation = activation::tanh;
  return nn::Network(h, {.learning_rate = 0.01}, 3, members, top, true, at::kCPU, nn::generator(at::kCPU, seed, 0, 0));
}
}  // namespace

TEST_CASE("a flow in one call is its passes one by one, to the last bit", "[nn][network]") {
  const int threads = GENERATE(1, 2, 3);
  nn::set_threads(threads);
  for (const auto type : {at::kFloat, at::kDouble}) {
    nn::Network net(MlpOptions{.hidden = {40, 32}, .activation = activation::gelu}, {}, 3 + 2 + 1, 0, {2}, true,
                    at::kCPU, nn::generator(at::kCPU, 1, 0, 0), type);
    auto g = nn::generator(at::kCPU, 1, 2, 3);
    const auto normal = [&](at::IntArrayRef sizes) {
      return at::empty(sizes, at::TensorOptions(type)).normal_(0, 1, g);
    };
    net.trained(normal({9, 6})).out.square().sum().backward();
    net.apply();  // the target is another network from here on
    const auto wide = normal({150, 8});
    for (const auto& state : {wide.narrow(1, 2, 3), normal({1, 3})})
      for (const bool target : {false, true})
        for (const bool midpoint : {false, true})
          for (const std::int64_t repeat : {0, 1, 7, 300}) {
            CAPTURE(threads, state.size(0), target, midpoint, repeat);
            const auto x = repeat > 0 ? normal({state.size(0), repeat, 2}) : normal({state.size(0), 2});
            const auto v = [&](const at::Tensor& at, double t) {
              const auto in = at::cat({at, at::full_like(at.narrow(-1, 0, 1), t)}, -1);
              if (repeat > 0) return target ? net.target_many(state, in).out : net.fixed_many(state, in).out;
              return target ? net.target(state, in).out : net.fixed(state, in).out;
            };
            const auto wanted = midpoint ? math::midpoint(x, 6, v) : math::euler(x, 6, v);
            const auto got = net.flow(state, x, 6, midpoint, target);
            REQUIRE(got.sizes() == x.sizes());
            CHECK(at::equal(got, wanted));
            CHECK_FALSE(at::equal(got, x));
            CHECK_FALSE(got.requires_grad());
          }
  }
  nn::set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("a network's passes have one value, and gradients of their own", "[nn][network]") {
  auto net = network(4);
  const auto x = leaf(at::randn({5, 3}));
  const auto trained = net.trained(x).out;
  CHECK(trained.sizes() == at::IntArrayRef({4, 5, 2}));
  CHECK(close(net.frozen(x).out, trained, 1e-6));
  CHECK(close(net.fixed(x.detach()).out, trained, 1e-6));
  CHECK(close(net.target(x.detach()).out, trained, 1e-6));

  net.frozen(x).out.square().sum().backward();
  CHECK(net.gradient().abs().max().item<float>() == 0);
  const auto through = x.grad().clone();
  CHECK(through.abs().max().item<float>() > 0);

  x.mutable_grad().zero_();
  net.trained(x).out.square().sum().backward();
  CHECK(net.gradient().abs().max().item<float>() > 0);
  CHECK(close(x.grad(), through, 1e-5));

  CHECK_FALSE(net.fixed(x.detach()).out.requires_grad());
  CHECK_FALSE(net.target(x.detach()).out.requires_grad());
  CHECK_FALSE(net.frozen(x.detach()).out.requires_grad());
}

TEST_CASE("several actions a state are that many passes", "[nn][network]") {
  for (std::int64_t members : {0, 1, 4}) {
    for (const auto& top : {head_layout{2}, head_layout::value()}) {
      CAPTURE(members, top.axis);
      auto net = network(members, top);
      const auto state = at::randn({5, 2}), actions = leaf(at::randn({5, 6, 1}));
      std::vector<at::Tensor> each;
      for (int k = 0; k < 6; ++k) each.push_back(net.frozen(state, actions.select(1, k)).out);
      const auto wanted = at::stack(each, members == 0 ? 1 : 2);
      const auto trained = net.trained_many(state, actions.detach()).out, frozen = net.frozen_many(state, actions).out;
      REQUIRE(trained.sizes() == wanted.sizes());
      CHECK(close(trained, wanted, 1e-6));
      CHECK(close(frozen, wanted, 1e-6));
      CHECK(close(net.fixed_many(state, actions.detach()).out, wanted, 1e-6));
      CHECK(close(net.target_many(state, actions.detach()).out, wanted, 1e-6));
      if (members > 1) CHECK(close(net.frozen_many(state, actions, 2).out, wanted.narrow(0, 0, 2), 1e-6));
      CHECK_FALSE(net.fixed_many(state, actions).out.requires_grad());
      CHECK_FALSE(net.target_many(state, actions).out.requires_grad());

      const auto slope = torch::autograd::grad({wanted.square().sum()}, {actions})[0];
      CHECK(close(torch::autograd::grad({frozen.square().sum()}, {actions})[0], slope, 1e-5));
      CHECK(net.gradient().abs().max().item<float>() == 0);
      for (int k = 0; k < 6; ++k) net.trained(state, actions.detach().select(1, k)).out.square().sum().backward();
      const auto gradient = net.gradient().sum(0);
      net.gradient().zero_();
      trained.square().sum().backward();
      CHECK(close(net.gradient().sum(0), gradient, 1e-5));
      CHECK_THROWS_WITH(net.fixed_many(state, actions.select(1, 0)), Catch::Contains("(B, K, d)"));
    }
  }
}

TEST_CASE("a pass trains a network whose input is data", "[nn][network]") {
  auto net = network(2);
  const auto x = at::randn({5, 3});
  const double before = number(net.fixed(x).out.square().sum());
  const auto version = net.version();
  net.trained(x).out.square().sum().backward();
  net.apply();
  CHECK(number(net.fixed(x).out.square().sum()) < before);
  CHECK(net.gradient().abs().max().item<float>() == 0);  // spent
  CHECK(net.version() != version);
}

TEST_CASE("a single network has no member axis", "[nn][network]") {
  auto net = network(0);
  const auto x = at::randn({5, 3});
  CHECK(net.trained(x).out.sizes() == at::IntArrayRef({5, 2}));
  CHECK(net.frozen(x).out.sizes() == at::IntArrayRef({5, 2}));
  CHECK(net.fixed(x).out.sizes() == at::IntArrayRef({5, 2}));
  CHECK(net.target(x).out.sizes() == at::IntArrayRef({5, 2}));
}

TEST_CASE("free parameters are trained with the rest", "[nn][network]") {
  auto net = network(0, {2, 3, -1.5});
  const auto x = at::randn({4, 3});
  CHECK(close(net.trained(x).state_independent, row({-1.5, -1.5, -1.5})));
  (net.trained(x).state_independent * torch::tensor({1.0f, -2.0f, 0.0f})).sum().backward();
  net.apply();
  // Adam's first step is the learning rate against the gradient's sign; no gradient, no step.
  CHECK(close(net.fixed(x).state_independent, row({-1.51, -1.49, -1.5}), 1e-5));
  CHECK(close(net.trained(x).state_independent.detach(), net.fixed(x).state_independent));
  CHECK(close(net.target(x).state_independent, row({-1.5, -1.5, -1.5})));
}

TEST_CASE("a target follows at its rate", "[nn][network]") {
  // From 0 toward a constant 1:  1 - (1 - rate)^n.
  auto target = at::zeros({3});
  for (int n = 1; n <= 20; ++n) {
    nn::polyak(target, at::ones({3}), 0.1);
    CHECK(close(target, at::full({3}, 1 - std::pow(0.9, n)), 1e-6));
  }

  auto net = network(2);
  const auto start = net.target_parameters().clone();
  CHECK(at::equal(start, net.parameters()));
  net.trained(at::randn({5, 3})).out.sum().backward();
  net.apply();
  CHECK(at::equal(net.target_parameters(), start));  // it does not move by itself
  net.follow(0.25);
  CHECK(close(net.target_parameters(), 0.75 * start + 0.25 * net.parameters(), 1e-6));
  net.follow(1);
  CHECK(at::equal(net.target_parameters(), net.parameters()));
}

TEST_CASE("a network can be moved, and goes on", "[nn][network]") {
  auto first = network(2, {2, 1, 0.5});
  const auto x = at::randn({5, 3});
  const auto before = first.fixed(x).out;
  auto second = std::move(first);
  CHECK(close(second.fixed(x).out, before));
  second.trained(x).out.square().sum().backward();
  second.apply();
  CHECK_FALSE(close(second.fixed(x).out, before, 1e-4));
}

TEST_CASE("a network names what must be saved", "[nn][network]") {
  auto net = network(2);
  std::vector<std::string> names;
  net.each_buffer("critic", [&](const std::string& name, auto&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"critic/parameters", "critic/target", "critic/first_moment",
                                          "critic/second_moment", "critic/steps"});
}

TEST_CASE("members with inputs of their own", "[nn][network]") {
  const int before = nn::pool().threads();
  for (int threads : {1, 2, 3}) {
    nn::set_threads(threads);
    for (std::int64_t members : {0, 1, 2, 7})
      for (std::int64_t batch : {1, 7, 256}) {
        CAPTURE(threads, members, batch);
        MlpOptions h;
        h.hidden = {40, 24};
        h.activation = activation::silu;
        nn::Network net(h, {}, 5, members, {6, 2, 0.5}, false, at::kCPU, nn::generator(at::kCPU, 1, 0, 0));
        const auto n = std::max<std::int64_t>(members, 1);
        const auto x = at::randn({n, batch, 5}), weight = at::randn({n, batch, 6});
        const auto w = leaf(net.parameters().to(at::kDouble)), double_x = leaf(x.to(at::kDouble));
        const auto plain = net.mlp().forward_apart(net.mlp().look(w), double_x);
        (plain * weight).sum().backward();

        const auto input = leaf(x);
        const auto [out, free] = net.trained_apart(input);
        CHECK(close(out, plain, 1e-5));
        CHECK(close(free, row({0.5, 0.5})));
        ((out * weight).sum() + (free * torch::tensor({3.0f, -1.0f})).sum()).backward();
        auto gradient = net.gradient().sum(0);
        CHECK(close(net.mlp().look(gradient).state_independent, row({3, -1}), 1e-6));
        net.mlp().look(gradient).state_independent.zero_();
        CHECK(close(gradient, w.grad(), 1e-4));
        CHECK(close(input.grad(), double_x.grad(), 1e-4));

        // Data alone, a second time: gradients add up.
        (net.trained_apart(x).out * weight).sum().backward();
        gradient = net.gradient().sum(0);
        net.mlp().look(gradient).state_independent.zero_();
        CHECK(close(gradient, 2 * w.grad(), 1e-4));

        for (std::int64_t m : {std::int64_t(1), (n + 1) / 2, n}) {
          const auto fixed = net.fixed_apart(x.narrow(0, 0, m));
          CHECK(close(fixed.out, plain.narrow(0, 0, m), 1e-5));
          CHECK(close(fixed.state_independent, row({0.5, 0.5})));
          CHECK_FALSE(fixed.out.requires_grad());
        }
        CHECK_THROWS_WITH(net.trained_apart(x[0]), Catch::Contains("(N, B, n)"));
        CHECK_THROWS_WITH(net.fixed_apart(at::cat({x, x})), Catch::Contains("(N, B, n)"));
        if (n > 1) CHECK_THROWS_WITH(net.trained_apart(x.narrow(0, 1, n - 1)), Catch::Contains("(N, B, n)"));
      }
  }
  nn::set_threads(before);
}

TEST_CASE("weights decay at their layer's rate", "[nn][network]") {
  // Three layers of 3, 16, 16 and 2 units; every parameter of member i is i + 1.
  MlpOptions h;
  h.hidden = {16, 16};
  for (const auto& [rates, wanted] :
       std::vector<std::pair<std::vector<double>, std::vector<double>>>{{{0.5, 0.25, 2}, {0.5, 0.25, 2}},
                                                                        {{0.5}, {0.5, 0.5, 0.5}},
                                                                        {{0, 1}, {0, 1, 1}},
                                                                        {{1, 2, 3, 4}, {1, 2, 3}},
                                                                        {{}, {0, 0, 0}}}) {
    nn::Network net(h, {.learning_rate = 0.1}, 3, 2, {2, 4, 7}, false, at::kCPU, nn::generator(at::kCPU, 1, 0, 0));
    net.assign(torch::tensor({1.0f, 2.0f}).unsqueeze(1).expand_as(net.parameters()));
    net.decay(rates);
    net.decay(rates);  // it adds to what is there
    const auto sum = net.gradient().sum(0);
    auto v = net.mlp().look(sum);
    for (std::size_t l = 0; l < v.layers.size(); ++l) {
      CAPTURE(rates, l);
      for (int member : {0, 1})
        CHECK(
            close(v.layers[l].weight[member], at::full_like(v.layers[l].weight[member], 2 * wanted[l] * (member + 1))));
      CHECK(number(v.layers[l].bias.abs().max()) == 0);
    }
    CHECK(number(v.state_independent.abs().max()) == 0);

    // Adam's first step is the learning rate against the gradient's sign.
    net.apply();
    const auto after = net.mlp().look(net.parameters());
    for (std::size_t l = 0; l < after.layers.size(); ++l) {
      const double step = wanted[l] > 0 ? 0.1 : 0;
      CHECK(close(after.layers[l].weight[1], at::full_like(after.layers[l].weight[1], 2 - step), 1e-6));
      CHECK(close(after.layers[l].bias[1], at::full_like(after.layers[l].bias[1], 2.0), 1e-6));
    }
  }
}

TEST_CASE("parameters can be replaced under a network", "[nn][network]") {
  auto net = network(2, {2, 1, 0.5});
  const auto x = at::randn({5, 3});
  const auto start = net.parameters().clone(), before = net.fixed(x).out.clone();
  net.trained(x).out.square().sum().backward();
  net.apply();
  CHECK_FALSE(close(net.fixed(x).out, before, 1e-4));
  const auto version = net.version();
  std::map<std::string, at::Tensor> moments;
  const auto each_moment = [&](auto f) {
    net.each_buffer("net", [&](const std::string& name, auto& buffer) {
      if constexpr (std::is_same_v<std::decay_t<decltype(buffer)>, at::Tensor>)
        if (name.ends_with("moment")) f(name, buffer);
    });
  };
  each_moment([&](const std::string& name, const at::Tensor& m) { moments[name] = m.clone(); });
  net.assign(start);
  CHECK(net.version() != version);
  CHECK(close(net.fixed(x).out, before));
  CHECK(close(net.trained(x).out, before));  // every pass has them
  CHECK(moments.size() == 2);
  each_moment([&](const std::string& name, const at::Tensor& m) {
    CHECK(at::equal(m, at::zeros_like(moments.at(name))));
  });  // the optimizer is reset
  // A copy: what it was made of may change.
  start.zero_();
  CHECK(close(net.fixed(x).out, before));
}
