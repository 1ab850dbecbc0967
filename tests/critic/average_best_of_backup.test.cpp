#include <tessera/critic/average_best_of_backup.hpp>

#include <cmath>

#include <tessera/policy/tanh_gaussian.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("backup of the action that is best in the critics' mean, computed by hand", "[critic]") {
  // Two states with three actions each: tanh of the noise.
  FixedStep<TanhGaussianPolicy> step;
  step.heads[next] = {matrix(2, 2, {0, 0, 0, 0}), {}};
  step.noise = {matrix(2, 3, {0.1, 0.2, 0.3, -1, -2, -3})};
  step.rewards = row({1, 2}), step.mask = row({1, 0}), step.actions = matrix(2, 1, {0.1, 0.2});
  // Means (2, 3, 2.5) and (1.5, 0.5, 1): the second and the first.  By the least, (1, 1, 2) and (0, 0, 1), it would be
  // the third of both.
  step.fixed_many_q = [](place where, const at::Tensor&) {
    CHECK(where == next);
    return at::stack({matrix(2, 3, {1, 5, 2, 0, 0, 1}), matrix(2, 3, {3, 1, 3, 3, 1, 1})});
  };
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, matrix(2, 1, {std::tanh(0.2), std::tanh(-1.0)})));
    return matrix(2, 2, {7, 1, 3, 5});  // in the mean 5 and 3
  };
  AverageBestOfBackup::params h;
  h.samples = 3, h.discount = 0.5;
  // Targets 1 + 0.5 * 5 and 2; of the members' values 3.5, 1 and 1.5, 2 the squares are 0, 1 and 4, 0.
  step.trained_q = always(matrix(2, 2, {3.5, 1, 1.5, 2}));
  CHECK(number(only(AverageBestOfBackup::loss(h, step), "critic/td")) == Approx(2.5));
}
