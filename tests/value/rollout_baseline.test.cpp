#include <tessera/compose/step.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/rollout_baseline.hpp>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
using Step = FixedStep<GaussianPolicy>;
RolloutBaseline::params plain() {
  RolloutBaseline::params h;
  h.discount = 0.75, h.standardize = false, h.minibatch = 2, h.passes = 3;
  return h;
}
}  // namespace

TEST_CASE("a baseline counts in rewards per step, and values in returns", "[value]") {
  // 1 / (1 - gamma) = 4.
  Step step;
  step.states = always(matrix(3, 1, {1, 2, 3}));
  step.constant_v = always(row({0.5, 1, -2}));
  step.logged_returns = row({3, 4, -4});
  CHECK(close(RolloutBaseline::estimate(plain(), step, now), row({2, 4, -8})));
  CHECK(close(RolloutBaseline::advantage(plain(), step), row({1, 0, 4})));
  // Mean 5/3, deviations -2/3, -5/3, 7/3: mean square (4 + 25 + 49) / 27 = 26/9.
  auto h = plain();
  h.standardize = true;
  CHECK(close(RolloutBaseline::advantage(h, step), row({-2, -5, 7}) / std::sqrt(26.0), 1e-5));
}

TEST_CASE("a baseline is fitted to minibatches of the paths", "[value]") {
  Step step;
  step.states = always(matrix(5, 1, {0, 10, 20, 30, 40}));
  step.logged_returns = row({0, 4, 8, 12, 16});  // a quarter of them: 0, 1, 2, 3, 4
  step.trained_v_at = [](const at::Tensor& s) { return (s / 10).squeeze(1) + 1; };
  CHECK(RolloutBaseline::steps(plain(), step) == 7);  // 3 passes over 5 states, 2 at a time
  // Noise .9 and .05 choose rows 4 and 0; f is off by 1 at each.
  step.noise = {matrix(2, 1, {0.9, 0.05})};
  step.trained_v_at = [&](const at::Tensor& s) {
    CHECK(close(s, matrix(2, 1, {40, 0})));
    return (s / 10).squeeze(1) + 1;
  };
  CHECK(number(only(RolloutBaseline::loss(plain(), step), "value/mse")) == Approx(0.5));
  // A batch that is no larger than a minibatch is taken whole.
  auto h = plain();
  h.minibatch = 5;
  step.trained_v_at = [](const at::Tensor& s) { return (s / 10).squeeze(1) * 2; };
  CHECK(RolloutBaseline::steps(h, step) == 3);
  CHECK(number(only(RolloutBaseline::loss(h, step), "value/mse")) == Approx(0.5 * (1 + 4 + 9 + 16) / 5));
  h.passes = 0.1;
  CHECK(RolloutBaseline::steps(h, step) == 1);
}
