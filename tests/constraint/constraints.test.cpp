#include <tessera/constraint/forward_kl.hpp>
#include <tessera/constraint/penalty.hpp>
#include <tessera/constraint/squared_error.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

TEST_CASE("forward KL, computed by hand", "[constraint]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = leaf(matrix(2, 2, {0, 0, 0, std::log(3.0)}));
  step.heads[now] = {logits, {}};
  step.actions = torch::tensor({0, 1}, at::kLong);  // pi = 1/2, 3/4
  const auto loss = only(ForwardKl::loss({.weight = 3}, step), "constraint/kl");
  CHECK(number(loss) == Approx(3 * (std::log(2.0) - std::log(0.75)) / 2));
  loss.backward();
  CHECK(close(logits.grad(), matrix(2, 2, {-0.75, 0.75, 0.375, -0.375})));  // 3/2 (pi - onehot)
}

TEST_CASE("forward KL is least at the frequencies of the data", "[constraint]") {
  // Three of four actions are 0: at pi = (3/4, 1/4) the gradient of shared logits is zero.
  FixedStep<CategoricalPolicy> step;
  const auto logits = leaf(matrix(1, 2, {std::log(3.0), 0}));
  step.heads[now] = {logits.expand({4, 2}), {}};
  step.actions = torch::tensor({0, 0, 1, 0}, at::kLong);
  only(ForwardKl::loss({}, step), "constraint/kl").backward();
  CHECK(close(logits.grad(), matrix(1, 2, {0, 0})));
}

TEST_CASE("squared error, computed by hand", "[constraint]") {
  FixedStep<DeterministicPolicy> step;
  const auto x = leaf(matrix(2, 2, {0, std::atanh(0.5), 0, 0}));
  step.heads[now] = {x, {}};
  step.actions = matrix(2, 2, {0.5, 0.5, 0, -1});
  const auto loss = only(SquaredError::loss({.weight = 2}, step), "constraint/mse");
  CHECK(number(loss) == Approx(2 * (0.25 + 0 + 0 + 1) / 4));  // mean over states and dimensions
  loss.backward();
  CHECK(close(x.grad(), matrix(2, 2, {-0.5, 0, 0, 1})));  // 2 * 2 (mu - a) / 4 * tanh'
}
