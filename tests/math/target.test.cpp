#include <tessera/math/target.hpp>

#include <cmath>

#include "helpers/tensors.hpp"

using namespace support;

TEST_CASE("a target bootstraps where the task goes on", "[math]") {
  CHECK(close(tessera::math::td_target(row({1, 2}), 0.5, row({1, 0}), row({4, 4})), row({3, 2})));
}

TEST_CASE("the weight of an advantage is bounded after the exponential", "[math]") {
  CHECK(close(tessera::math::exp_weight(row({0, 1, 2}), 2, 20), row({1, std::exp(2.0), 20})));
}
