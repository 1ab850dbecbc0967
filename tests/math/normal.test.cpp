#include <tessera/math/normal.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;
using tessera::math::log_tanh_slope;
using tessera::math::normal_log_prob;

TEST_CASE("the log-density of a normal, computed by hand", "[math]") {
  CHECK(number(normal_log_prob(row({0}), row({0}), row({0}))) == Approx(-0.918938533204673));
  // z = (1/2, -1/2): -1/8 - 1/8 - log 2 - log 2 pi
  const double expected = -0.25 - std::log(2.0) - std::log(2 * 3.14159265358979324);
  const auto a = matrix(1, 2, {1, 0}), mu = matrix(1, 2, {0, 0.5});
  CHECK(close(normal_log_prob(a, mu, row({std::log(2.0), 0})), row({expected})));
  CHECK(close(normal_log_prob(a, mu, matrix(1, 2, {std::log(2.0), 0})), row({expected})));  // a log-std per row
  CHECK(normal_log_prob(at::zeros({5, 2}, at::kDouble), at::zeros({5, 2}, at::kDouble), row({0, 0})).sizes() ==
        at::IntArrayRef({5}));
}

TEST_CASE("the slope of tanh, in logarithms", "[math]") {
  CHECK(number(log_tanh_slope(row({0}))) == Approx(0).margin(1e-12));
  CHECK(number(log_tanh_slope(row({std::atanh(0.4)}))) == Approx(-0.174353387));  // log(1 - .4^2)
  CHECK(number(log_tanh_slope(row({0.3, -1.1}))) ==
        Approx(std::log(1 - std::pow(std::tanh(0.3), 2)) + std::log(1 - std::pow(std::tanh(1.1), 2))));
  // Far out 1 - tanh^2 -> 4 exp(-2 |u|), where 1 - tanh(u)^2 itself is rounded to zero.
  for (double u : {20.0, 100.0, -100.0})
    CHECK(number(log_tanh_slope(row({u}))) == Approx(std::log(4.0) - 2 * std::abs(u)));
  const auto x = leaf(row({0.7, 30}));
  log_tanh_slope(x).backward();
  CHECK(close(x.grad(), row({-2 * std::tanh(0.7), -2})));  // d log(1 - tanh^2) / du = -2 tanh
}
