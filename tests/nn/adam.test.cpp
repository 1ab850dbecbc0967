#include <tessera/nn/adam.hpp>
//
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("two steps of Adam, computed by hand", "[nn][adam]") {
  for (auto type : {at::kFloat, at::kDouble}) {
    auto x = at::full({1}, 1.0, type), g = at::full({1}, 0.5, type);
    nn::Adam adam({.learning_rate = 0.1}, x);
    adam.step(x, g);
    // The first step is lr g / (|g| + eps).
    CHECK(x.item<double>() == Approx(0.9));
    CHECK(g.item<double>() == 0);  // spent
    g.fill_(-0.5);
    adam.step(x, g);
    // m = .9 * .05 - .05 = -.005, v = .999 * .00025 + .00025; m / .19 = -.0263158, v / .001999 = .25
    CHECK(x.item<double>() == Approx(0.9 + 0.1 * 0.0263157895 / 0.5));
    CHECK(adam.steps() == 2);
  }
}

TEST_CASE("Adam takes the steps of torch's", "[nn][adam]") {
  torch::manual_seed(6);
  for (auto type : {at::kFloat, at::kDouble}) {
    auto x = at::randn({40000}, type), g = at::zeros_like(x);
    auto theirs = leaf(x);
    torch::optim::Adam reference({theirs}, torch::optim::AdamOptions(3e-3).betas({0.8, 0.99}).eps(1e-6));
    nn::Adam adam({.learning_rate = 3e-3, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-6}, x);
    for (int t = 0; t < 50; ++t) {
      const auto gradient = at::randn_like(x) * (1 + t % 7);
      g.copy_(gradient);
      theirs.mutable_grad() = gradient.clone();
      adam.step(x, g);
      reference.step();
    }
    CHECK(close(x, theirs.detach(), type == at::kFloat ? 2e-6 : 1e-12));
  }
}

TEST_CASE("weight decay and gradient clipping are torch's", "[nn][adam]") {
  torch::manual_seed(7);
  for (auto type : {at::kFloat, at::kDouble})
    for (bool decoupled : {true, false})
      for (double norm : {0.0, 150.0}) {
        CAPTURE(type, decoupled, norm);
        auto x = at::randn({40000}, type), g = at::zeros({3, 40000}, type), target = at::randn_like(x);
        auto theirs = leaf(x), their_target = target.clone();
        torch::optim::Adam l2({theirs}, torch::optim::AdamOptions(3e-3).weight_decay(0.1));
        torch::optim::AdamW w({theirs}, torch::optim::AdamWOptions(3e-3).weight_decay(0.1));
        nn::Adam adam({.learning_rate = 3e-3, .weight_decay = 0.1, .decoupled = decoupled, .max_gradient_norm = norm},
                      x);
        for (int t = 0; t < 20; ++t) {
          g.copy_(at::randn_like(g) * (t % 2 == 0 ? 1.0 : 0.1));  // some longer than the bound of 150, some not
          theirs.mutable_grad() = g.sum(0);
          if (norm > 0) torch::nn::utils::clip_grad_norm_({theirs}, norm);
          adam.step(x, g, &target, 0.1);
          if (decoupled) w.step();
          else l2.step();
          their_target.lerp_(theirs.detach(), 0.1);
          CHECK(number(g.abs().max()) == 0);
        }
        CHECK(close(x, theirs.detach(), type == at::kFloat ? 5e-6 : 1e-12));
        CHECK(close(target, their_target, type == at::kFloat ? 5e-6 : 1e-12));
      }
}

TEST_CASE("the step size follows a cosine", "[nn][adam]") {
  const auto x = at::zeros({1});
  const nn::Adam adam({.learning_rate = 2, .cosine_steps = 100}, x);
  CHECK(adam.learning_rate(0) == 2);
  CHECK(adam.learning_rate(25) == Approx(1 + 0.70710678));  // cos(pi / 4)
  CHECK(adam.learning_rate(50) == Approx(1));
  CHECK(adam.learning_rate(100) == Approx(0).margin(1e-12));
  CHECK(adam.learning_rate(1000) == Approx(0).margin(1e-12));
  CHECK(nn::Adam({.learning_rate = 2}, x).learning_rate(1'000'000) == 2);

  // The first step has the whole size, the 101st none.
  auto moved = at::zeros({1}), g = at::ones({1});
  nn::Adam decaying({.learning_rate = 0.1, .cosine_steps = 100}, moved);
  decaying.step(moved, g);
  CHECK(moved.item<double>() == Approx(-0.1));
  for (int t = 1; t < 100; ++t) g.fill_(1), decaying.step(moved, g);
  const auto before = moved.clone();
  g.fill_(1), decaying.step(moved, g);
  CHECK(at::equal(moved, before));
}

TEST_CASE("a step of Adam in double precision leaves its moments as they are", "[nn][adam]") {
  auto x = at::zeros({3}, at::kDouble), g = at::ones({3}, at::kDouble);
  nn::Adam adam({}, x);
  adam.step(x, g);
  at::Tensor second;
  adam.each_buffer("x", [&](const std::string& name, auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, at::Tensor>) {
      if (name == "x/second_moment") second = value;
    }
  });
  CHECK(close(second, at::full({3}, 1e-3, at::kDouble)));
}
