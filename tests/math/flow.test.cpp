#include <tessera/math/flow.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;
using tessera::math::between;
using tessera::math::euler;
using tessera::math::midpoint;

TEST_CASE("between noise and action the path is straight", "[math]") {
  CHECK(close(between(matrix(2, 1, {-1, 4}), matrix(2, 1, {3, 2}), matrix(2, 1, {0.25, 1})), matrix(2, 1, {0, 2})));
}

TEST_CASE("a constant velocity is followed exactly", "[math]") {
  const auto z = row({0.5, -2}), a = row({0.1, 0.9});
  const auto v = [&](const at::Tensor&, double) { return at::Tensor(a - z); };
  for (const std::int64_t steps : {1, 10}) CHECK((close(euler(z, steps, v), a) && close(midpoint(z, steps, v), a)));
}

TEST_CASE("the integrators, computed by hand", "[math]") {
  // dx/dt = 2 t from 1: Euler in four steps adds (0 + 1/2 + 1 + 3/2) / 4, the midpoint rule all of t^2.
  const auto in_time = [](const at::Tensor& x, double t) { return at::Tensor(at::ones_like(x) * (2 * t)); };
  CHECK(close(euler(row({1}), 4, in_time), row({1.75})));
  CHECK(close(midpoint(row({1}), 4, in_time), row({2})));
  // dx/dt = x: a step is a factor 1 + h, and 1 + h + h^2 / 2.
  const auto growth = [](const at::Tensor& x, double) { return x; };
  CHECK(close(euler(row({2}), 10, growth), row({2 * std::pow(1.1, 10)})));
  CHECK(close(midpoint(row({2}), 10, growth), row({2 * std::pow(1.105, 10)})));
}

TEST_CASE("the gradient goes through all steps", "[math]") {
  // x <- x + w x / 10, ten times: d/dw (1 + w/10)^10 = (1 + w/10)^9 at w = 1.
  const auto w = leaf(row({1}));
  euler(row({1}), 10, [&](const at::Tensor& x, double) { return at::Tensor(w * x); }).sum().backward();
  CHECK(close(w.grad(), row({std::pow(1.1, 9)})));
}
