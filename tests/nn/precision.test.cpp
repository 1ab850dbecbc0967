#include <tessera/nn/precision.hpp>
//
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/network.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/nn/torch.hpp>

using namespace tessera;

namespace {
enum class Kind { plain, normed, residual };

nn::Network network(Kind kind, std::int64_t members, at::ScalarType type = at::kFloat) {
  const auto init = nn::generator(at::kCPU, 1, 0, 0);
  if (kind == Kind::residual)
    return {ResidualMlpOptions{.width = 64, .blocks = 2}, {}, 24, members, {3}, false, at::kCPU, init, type};
  MlpOptions h{.hidden = {64, 96}, .activation = activation::silu, .layer_norm = kind == Kind::normed};
  return {h, {}, 24, members, {3}, false, at::kCPU, init, type};
}

// Outputs, the gradient of the parameters, and that of the input, at random states.
using Pass = std::array<at::Tensor, 3>;
Pass pass(Kind kind, std::int64_t members, precision p) {
  auto net = network(kind, members);
  auto g = nn::generator(at::kCPU, 5, 0, 0);
  auto x = at::empty({160, 24}, at::kFloat).normal_(0, 1, g);
  x.select(1, 23).fill_(0.25);  // a residual network's time
  x.requires_grad_();
  const nn::in_precision guard(p);
  const auto out = net.trained(x).out;
  (out * at::empty(out.sizes(), at::kFloat).normal_(0, 1, g)).sum().backward();
  return {out.detach(), net.gathered_gradient(), x.grad().clone()};
}
double apart(const at::Tensor& a, const at::Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }
bool equal(const Pass& a, const Pass& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](const auto& x, const auto& y) { return at::equal(x, y); });
}
}  // namespace

TEST_CASE("a precision lasts as long as its guard, on its own thread", "[nn][precision]") {
  CHECK(nn::precision_here() == precision::float32);
  {
    const nn::in_precision outer(precision::bf16);
    CHECK(nn::precision_here() == precision::bf16);
    {
      const nn::in_precision inner(precision::float32);
      CHECK(nn::precision_here() == precision::float32);
    }
    CHECK(nn::precision_here() == precision::bf16);
    auto elsewhere = precision::bf16;
    std::thread([&] { elsewhere = nn::precision_here(); }).join();
    CHECK(elsewhere == precision::float32);
    // The pool's threads have it while they work on a pass of this thread.
    std::array<precision, 64> seen{};
    auto task = [&](std::int64_t i) { seen[std::size_t(i)] = nn::precision_here(); };
    nn::run_pass(64, task);
    CHECK(std::count(seen.begin(), seen.end(), precision::bf16) == 64);
    nn::pool().run(64, task);
    CHECK(std::count(seen.begin(), seen.end(), precision::bf16) <= 64);
  }
  CHECK(nn::precision_here() == precision::float32);
  std::array<precision, 64> seen{};
  auto task = [&](std::int64_t i) { seen[std::size_t(i)] = nn::precision_here(); };
  nn::run_pass(64, task);
  CHECK(std::count(seen.begin(), seen.end(), precision::float32) == 64);
}

TEST_CASE("a network's outputs and gradients in bf16 are near those in float", "[nn][precision]") {
  const auto kind = GENERATE(Kind::plain, Kind::normed, Kind::residual);
  const std::int64_t members = GENERATE(0, 3);
  const int threads = GENERATE(1, 2);
  CAPTURE(int(kind), members, threads);
  nn::set_threads(threads);
  const auto wanted = pass(kind, members, precision::float32), got = pass(kind, members, precision::bf16);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    // Of the order of half a last bit, 1/256, as errors of a few layers add up; and not float's 1e-7.
    CHECK(apart(got[i], wanted[i]) < 0.02);
    CHECK(apart(got[i], wanted[i]) > 1e-4);
  }
  CHECK(equal(pass(kind, members, precision::bf16), got));  // to the bit
  CHECK(equal(pass(kind, members, precision::float32), wanted));
  nn::set_threads(int(std::max(1u, std::thread::hardware_concurrency())));
}

TEST_CASE("two threads have passes in two precisions at the same time", "[nn][precision]") {
  const auto in_float = pass(Kind::plain, 3, precision::float32), in_bf16 = pass(Kind::plain, 3, precision::bf16);
  int wrong_float = 0, wrong_bf16 = 0;
  const auto passes = [](precision p, const Pass& wanted, int& wrong) {
    return [p, &wanted, &wrong] {
      nn::settle_threads();
      for (int i = 0; i < 40; ++i) wrong += equal(pass(Kind::plain, 3, p), wanted) ? 0 : 1;
    };
  };
  std::thread one(passes(precision::float32, in_float, wrong_float)),
      other(passes(precision::bf16, in_bf16, wrong_bf16));
  one.join(), other.join();
  CHECK(wrong_float == 0);
  CHECK(wrong_bf16 == 0);
}

TEST_CASE("a backward pass has the precision of its forward pass", "[nn][precision]") {
  const auto gradient = [](precision forward, precision backward) {
    auto net = network(Kind::plain, 0);
    const auto x = at::ones({160, 24}) * 0.3;
    at::Tensor loss;
    {
      const nn::in_precision guard(forward);
      loss = net.trained(x).out.square().sum();
    }
    const nn::in_precision guard(backward);
    loss.backward();
    return net.gathered_gradient();
  };
  CHECK(at::equal(gradient(precision::bf16, precision::float32), gradient(precision::bf16, precision::bf16)));
  CHECK(at::equal(gradient(precision::float32, precision::bf16), gradient(precision::float32, precision::float32)));
}

TEST_CASE("a network in double precision refuses bf16 in a line", "[nn][precision]") {
  auto net = network(Kind::plain, 0, at::kDouble);
  const auto x = at::ones({160, 24}, at::kDouble);
  CHECK(net.fixed(x).out.size(0) == 160);
  const nn::in_precision guard(precision::bf16);
  CHECK_THROWS_WITH(net.fixed(x),
                    "precision bf16: is of the CPU's products of float32 networks, and this one has Double "
                    "numbers on cpu; leave it out");
}
