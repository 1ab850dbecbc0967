#include <tessera/nn/backend.hpp>

#include <cmath>
#include <set>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("a generator's numbers are a function of its key", "[nn][random]") {
  const auto draw = [](std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
    return at::empty({8}).normal_(0, 1, nn::generator(at::kCPU, seed, stream, index));
  };
  const auto one = draw(1, 2, 3);
  CHECK_FALSE(at::equal(draw(2, 2, 3), one));
  CHECK_FALSE(at::equal(draw(1, 3, 3), one));
  CHECK_FALSE(at::equal(draw(1, 2, 4), one));
  CHECK(at::equal(draw(1, 2, 3), one));  // whatever was drawn between
  CHECK_FALSE(at::equal(draw(2, 1, 3), draw(1, 2, 3)));
}

TEST_CASE("keys are mixed by splitmix64", "[nn][random]") {
  // The first number of splitmix64 from state 0; as stream and index it undoes the rounds before.
  const std::uint64_t first = 0xe220a8397b1dcdaf;
  CHECK(nn::random_key(0, first, first) == first);
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (std::uint64_t stream = 0; stream < 10; ++stream)
      for (std::uint64_t index = 0; index < 100; ++index) keys.insert(nn::random_key(seed, stream, index));
  CHECK(keys.size() == 10000);
}

TEST_CASE("draws are of the kind and shape asked for", "[nn][random]") {
  using B = torch_backend;
  const auto like = at::zeros({20000, 7}).requires_grad_();
  const auto normal = B::draw(noise::normal, 1, 5, 0, 3, like);
  CHECK(normal.sizes() == at::IntArrayRef({20000, 3}));
  CHECK_FALSE(normal.requires_grad());
  // 60000 numbers: the mean's standard deviation is .004, the second moment's .006.
  CHECK(number(normal.to(at::kDouble).mean()) == Approx(0).margin(0.02));
  CHECK(number(normal.to(at::kDouble).square().mean()) == Approx(1).margin(0.03));
  const auto uniform = B::draw(noise::uniform, 1, 5, 0, 3, like);
  CHECK(number(uniform.to(at::kDouble).mean()) == Approx(0.5).margin(0.006));
  CHECK(uniform.min().item<float>() >= 0);
  CHECK(uniform.max().item<float>() < 1);
  CHECK_FALSE(B::draw(noise::none, 1, 5, 0, 3, like).defined());

  CHECK(at::equal(B::draw(noise::normal, 1, 5, 0, 3, like), normal));
  CHECK_FALSE(at::equal(B::draw(noise::normal, 1, 5, 1, 3, like), normal));
  CHECK_FALSE(at::equal(B::draw(noise::normal, 1, 6, 0, 3, like), normal));
  CHECK_FALSE(at::equal(B::draw(noise::normal, 1, -6, 0, 3, like), normal));
}

TEST_CASE("the values of given actions are picked from those of all", "[nn][backend]") {
  const auto q = at::arange(12, at::kDouble).view({2, 2, 3});  // members, states, actions
  CHECK(close(torch_backend::pick(q, torch::tensor({2, 0}, at::kLong)), matrix(2, 2, {2, 3, 8, 9})));
}

TEST_CASE("summands are differentiated as their sum", "[nn][backend]") {
  const auto x = leaf(row({2}));
  torch_backend::backward(std::vector{x.square().sum(), (3 * x).sum(), x.sum()});
  CHECK(close(x.grad(), row({8})));
}

TEST_CASE("networks of different names start apart, and equal ones together", "[nn][backend]") {
  struct {
    std::uint64_t seed;
    at::Device device;
  } on{4, at::kCPU}, other{5, at::kCPU};
  const auto make = [](const auto& problem, const char* name) {
    return torch_backend::network(problem, name, MlpOptions{}, AdamOptions{}, 3, 2, head_layout{1}, false)
        .parameters()
        .clone();
  };
  CHECK(at::equal(make(on, "critic"), make(on, "critic")));
  CHECK_FALSE(at::equal(make(on, "critic"), make(on, "policy")));
  CHECK_FALSE(at::equal(make(on, "critic"), make(other, "critic")));
}

TEST_CASE("a scalar takes Adam's steps", "[nn][scalar]") {
  nn::Scalar x(0.5, {.learning_rate = 0.1}, at::kCPU);
  CHECK(x.value().dim() == 0);
  CHECK(x.value().item<float>() == 0.5f);
  (-3 * x.value()).backward();
  x.apply();
  CHECK(x.value().item<float>() == Approx(0.6));
  x.value().backward();  // the gradient before is spent:
  x.apply();             // m = -.27 + .1 = -.17 of .19, v = .999 * .009 + .001 = .009991 of .001999
  CHECK(x.value().item<float>() == Approx(0.6 + 0.1 * (0.17 / 0.19) / std::sqrt(0.009991 / 0.001999)).epsilon(1e-5));
}

namespace {
struct Cpu {
  at::Device device = at::kCPU;
};
}  // namespace

TEST_CASE("units, computed by hand, and back", "[nn][units]") {
  const nn::Units units(nn::Units(Normalizer{{1, -2}, {2, 0.5}, 3, -1, {-2, 0}, {2, 10}}), Cpu{});
  CHECK(close(units.observations(matrix(1, 2, {5, -1})), matrix(1, 2, {2, 2}), 1e-6));
  CHECK(close(units.rewards(row({4})), row({11}), 1e-6));
  const auto learner = matrix(3, 2, {-1, -1, 1, 1, 0.5, 0});
  const auto task = matrix(3, 2, {-2, 0, 2, 10, 1, 5});
  CHECK(close(units.actions(learner), task, 1e-6));
  CHECK(close(units.learner_actions(task), learner, 1e-6));
  CHECK(close(units.learner_actions(matrix(1, 2, {7, -3})), matrix(1, 2, {1, -1}), 1e-6));  // clipped

  // Indices are themselves.
  const nn::Units discrete(nn::Units(Normalizer{{0}, {1}, 1, 0, {}, {}}), Cpu{});
  const auto indices = torch::tensor({3, 1}, at::kLong);
  CHECK(at::equal(discrete.actions(indices), indices));
  CHECK(at::equal(discrete.learner_actions(indices), indices));
}

TEST_CASE("units with a clip and a limit: of logged numbers, not of imagined ones", "[nn][units]") {
  const nn::Units units(nn::Units(Normalizer{{1}, {2}, 3, -1, {-1}, {1}, 10, 5}), Cpu{});
  CHECK(close(units.observations(matrix(3, 1, {5, 1e30f, -1e30f})), matrix(3, 1, {2, 10, -10}), 1e-6));
  CHECK(close(units.rewards(row({4, 1e18f, -7})), row({11, 14, -16}), 1e-6));
  CHECK(close(units.imagined_observations(matrix(1, 1, {101})), matrix(1, 1, {50}), 1e-5));
  CHECK(close(units.imagined_rewards(row({-7})), row({-22}), 1e-6));
}
