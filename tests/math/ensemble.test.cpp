#include <tessera/math/ensemble.hpp>

#include "support/tensors.hpp"

using namespace support;

TEST_CASE("the least of an ensemble is taken element by element", "[math]") {
  const auto q = matrix(3, 2, {1, 9, 2, 7, 3, 8});
  CHECK(close(tessera::math::least(q), row({1, 7})));
  const auto x = leaf(q);
  (tessera::math::least(x) * row({10, 1})).sum().backward();
  CHECK(close(x.grad(), matrix(3, 2, {10, 0, 0, 1, 0, 0})));
}

TEST_CASE("an ensemble's squared error is the sum of its members' means", "[math]") {
  const auto q = leaf(matrix(2, 2, {1, 2, 3, 5}));
  const auto loss = tessera::math::squared_td(q, row({0, 1}));
  CHECK(number(loss) == Approx(13.5));  // (1 + 1) / 2 + (9 + 16) / 2
  loss.backward();
  CHECK(close(q.grad(), matrix(2, 2, {1, 1, 3, 4})));  // 2 (q - y) / B, whatever N
}
