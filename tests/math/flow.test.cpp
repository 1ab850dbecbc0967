#include <tessera/math/flow.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;
using tessera::math::between;
using tessera::math::euler;
using tessera::math::euler_undone;
using tessera::math::midpoint;
using tessera::math::midpoint_undone;

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

TEST_CASE("steps are undone one by one", "[math]") {
  // dx/dt = x in ten steps: x' = 1.1 x.  Passes from x = x' give x' (1 - .1), x' (1 - .1 (1 - .1)), ...
  const auto growth = [](const at::Tensor& x, double) { return x; };
  CHECK(close(euler_undone(row({2}), 10, 1, growth), row({2 * std::pow(0.9, 10)})));
  CHECK(close(euler_undone(row({2}), 10, 3, growth), row({2 * std::pow(0.909, 10)})));
  CHECK(close(midpoint_undone(row({2}), 10, 1, growth), row({2 * std::pow(0.895, 10)})));
  // In time, where a velocity does not depend on x, one pass is exact.
  const auto in_time = [](const at::Tensor& x, double t) { return at::Tensor(at::ones_like(x) * (2 * t)); };
  CHECK(close(euler_undone(row({1.75}), 4, 1, in_time), row({1})));
  CHECK(close(midpoint_undone(row({2}), 4, 1, in_time), row({1})));
  // And of a velocity that does, with enough of them.
  const auto bent = [](const at::Tensor& x, double t) { return at::Tensor((3 * x).sin() * (1 + t)); };
  for (const std::int64_t steps : {10, 20}) {
    CHECK(close(euler_undone(euler(row({0.3, -2}), steps, bent), steps, 60, bent), row({0.3, -2}), 1e-9));
    CHECK(close(midpoint_undone(midpoint(row({0.3, -2}), steps, bent), steps, 60, bent), row({0.3, -2}), 1e-9));
  }
}
