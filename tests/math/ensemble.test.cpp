#include <tessera/math/ensemble.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;

TEST_CASE("the least of an ensemble is taken element by element", "[math]") {
  const auto q = matrix(3, 2, {1, 9, 2, 7, 3, 8});
  CHECK(close(tessera::math::min(q), row({1, 7})));
  const auto x = leaf(q);
  (tessera::math::min(x) * row({10, 1})).sum().backward();
  CHECK(close(x.grad(), matrix(3, 2, {10, 0, 0, 1, 0, 0})));
}

TEST_CASE("an ensemble's squared error is the sum of its members' means", "[math]") {
  const auto q = leaf(matrix(2, 2, {1, 2, 3, 5}));
  const auto loss = tessera::math::squared_td(q, row({0, 1}));
  CHECK(number(loss) == Approx(13.5));  // (1 + 1) / 2 + (9 + 16) / 2
  loss.backward();
  CHECK(close(q.grad(), matrix(2, 2, {1, 1, 3, 4})));  // 2 (q - y) / B, whatever N
}

TEST_CASE("mean and least over all or some members", "[math]") {
  const auto q = matrix(3, 2, {1, 9, 2, 7, 3, 8});
  CHECK(close(tessera::math::average(q), row({2, 8})));
  CHECK(close(tessera::math::min_of(q, at::tensor({0, 2}, at::kLong)), row({1, 8})));
}

TEST_CASE("the gap of a soft maximum, computed by hand", "[math]") {
  // One member, two states: log(e^0 + e^0) - 0.5 and log(e^1 + e^3) - 1.
  const auto x = leaf(at::Tensor(row({0, 0, 1, 3}).view({1, 2, 2}))), q = leaf(matrix(1, 2, {0.5, 1}));
  const auto gap = tessera::math::log_sum_exp_gap(x, q, 1.0);
  CHECK(number(gap) == Approx((std::log(2.0) - 0.5 + std::log(std::exp(1.0) + std::exp(3.0)) - 1) / 2));
  gap.backward();
  const double p = 1 / (1 + std::exp(-2.0));  // softmax over B states
  CHECK(close(x.grad().view({4}), row({0.25, 0.25, (1 - p) / 2, p / 2})));
  CHECK(close(q.grad(), matrix(1, 2, {-0.5, -0.5})));
  // Cold, it is the maximum.
  CHECK(number(tessera::math::log_sum_exp_gap(x, q, 1e-3)) == Approx((0 - 0.5 + 3 - 1) / 2).margin(1e-3));
}
