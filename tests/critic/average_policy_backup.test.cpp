#include <tessera/critic/average_policy_backup.hpp>

#include <cmath>

#include <tessera/policy/deterministic.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("backup of the critics' mean at the policy's action, computed by hand", "[critic]") {
  FixedStep<DeterministicPolicy> step;
  step.heads[next] = {matrix(2, 1, {std::atanh(0.5), 0}), {}};
  step.rewards = row({1, 2}), step.mask = row({1, 0}), step.actions = matrix(2, 1, {0.1, 0.2});
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, matrix(2, 1, {0.5, 0})));
    return matrix(2, 2, {1, 4, 3, -2});
  };
  CHECK(close(AveragePolicyBackup::next_value({}, step), row({2, 1})));  // and not the least, 1 and -2
  // Targets 1 + 0.9 * 2 = 2.8, and 2 where the episode ends; of the members' values 2.8, 1 and 0, 2 the squares are
  // 0, 1 and 7.84, 0.
  const auto q = leaf(matrix(2, 2, {2.8, 1, 0, 2}));
  step.trained_q = [&](place, const at::Tensor&) { return q; };
  CriticParams h;
  h.discount = 0.9;
  const auto loss = only(AveragePolicyBackup::loss(h, step), "critic/td");
  CHECK(number(loss) == Approx((1 + 7.84) / 2));
  loss.backward();
  CHECK(close(q.grad(), matrix(2, 2, {0, -1, -2.8, 0})));
}
