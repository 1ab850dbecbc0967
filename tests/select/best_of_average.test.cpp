#include <tessera/select/best_of_average.hpp>

#include <cmath>

#include <tessera/policy/tanh_gaussian.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("the best of the policy's actions in the critics' mean, computed by hand", "[select]") {
  FixedStep<TanhGaussianPolicy> step;
  step.heads[now] = {matrix(2, 2, {0, 0, 0, 0}), {}};  // tanh of the noise
  step.noise = {matrix(2, 3, {0.1, 0.2, 0.3, -1, -2, -3})};
  // Means (2, 3, 2.5) and (1.5, 0.5, 1).
  step.fixed_many_q = only_at(now, at::stack({matrix(2, 3, {1, 5, 2, 0, 0, 1}), matrix(2, 3, {3, 1, 3, 3, 1, 1})}));
  CHECK(close(BestOfAverage::act({.samples = 3}, step), matrix(2, 1, {std::tanh(0.2), std::tanh(-1.0)})));
}
