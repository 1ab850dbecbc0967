#include <tessera/math/support.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

TEST_CASE("an action is likely enough above a share of the likeliest's probability", "[math]") {
  const auto log_b = matrix(2, 3, {0.5, 0.2, 0.3, 0.01, 0.98, 0.01}).log();
  // Shares of the likeliest: 1, .4, .6; and about .0102, 1, .0102.
  CHECK(close(math::likely(log_b, 0.5), matrix(2, 3, {1, 0, 1, 0, 1, 0})));
  CHECK(close(math::likely(log_b, 0.39), matrix(2, 3, {1, 1, 1, 0, 1, 0})));
  CHECK(close(math::likely(log_b, 0.01), matrix(2, 3, {1, 1, 1, 1, 1, 1})));
  CHECK(close(math::likely(log_b, 0.999), matrix(2, 3, {1, 0, 0, 0, 1, 0})));
  // At the threshold itself it is not; it is of a share, so that the number of actions does not matter.
  CHECK(close(math::likely(row({0, -1}), std::exp(-1.0)), row({1, 0})));
  CHECK(close(math::likely(row({-7, -8}), std::exp(-1.5)), row({1, 1})));
  // Without a threshold every action is, however unlikely.
  CHECK(close(math::likely(row({0, -1e4}), 0), row({1, 1})));
}

TEST_CASE("the best of the supported actions is chosen, also where all values are negative", "[math]") {
  const auto q = matrix(3, 3, {1, 5, 3, -4, -2, -3, -1e6, 7, 9});
  const auto support = matrix(3, 3, {1, 0, 1, 1, 0, 1, 1, 0, 0});
  CHECK(at::equal(math::supported_argmax(q, support), torch::tensor({2, 2, 0}, at::kLong)));
  CHECK(at::equal(math::supported_argmax(q, at::ones_like(q)), q.argmax(-1)));
}
