#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/value/expectile.hpp>
#include <tessera/value/network_value.hpp>
#include <tessera/value/policy_mean.hpp>
#include <tessera/value/quantile.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Least target values (3, 1) at the logged actions, V = (1, 2): u = (2, -1).
at::Tensor two_states(FixedStep<GaussianPolicy>& step) {
  const auto v = leaf(row({1, 2}));
  step.actions = matrix(2, 1, {0.1, 0.2});
  step.target_q = [&step](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(at::equal(a, step.actions));
    return matrix(2, 2, {3, 5, 4, 1});
  };
  step.trained_v = only_at(now, v);
  step.constant_v = [](place where) { return where == now ? row({1, 2}) : row({7, 8}); };
  return v;
}
}  // namespace

TEST_CASE("an expectile's loss, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  Expectile::params h;
  h.tau = 0.7;
  const auto loss = only(Expectile::loss(h, step), "value/expectile");
  CHECK(number(loss) == Approx((0.7 * 4 + 0.3 * 1) / 2));
  loss.backward();
  CHECK(close(v.grad(), row({-0.7 * 2, 0.3 * 1})));  // -2 |tau - 1[u < 0]| u / 2
  CHECK(close(Expectile::estimate(h, step, next), row({7, 8})));
  CHECK(close(Expectile::advantage(h, step), row({2, -1})));
}

TEST_CASE("a quantile's loss, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  Quantile::params h;
  h.tau = 0.7;
  const auto loss = only(Quantile::loss(h, step), "value/quantile");
  CHECK(number(loss) == Approx((0.7 * 2 + 0.3 * 1) / 2));
  loss.backward();
  CHECK(close(v.grad(), row({-0.35, 0.15})));
  CHECK(close(Quantile::estimate(h, step, now), row({1, 2})));
  CHECK(close(Quantile::advantage(h, step), row({2, -1})));
}

TEST_CASE("the mean over a finite policy is a sum", "[value]") {
  FixedStep<CategoricalPolicy> step;
  step.heads[now] = {leaf(matrix(1, 2, {std::log(3.0), 0})), {}};    // pi = (.75, .25)
  step.fixed_all = only_at(now, row({2, 8, 4, 0}).view({2, 1, 2}));  // minimum (2, 0)
  step.actions = torch::tensor({0}, at::kLong);
  step.fixed_q = only_at(now, matrix(2, 1, {2, 4}));
  const auto v = PolicyMean::estimate({}, step, now);
  CHECK(close(v, row({1.5})));
  CHECK_FALSE(v.requires_grad());
  CHECK(close(PolicyMean::advantage({}, step), row({0.5})));
}

TEST_CASE("the mean over a continuous policy is of its samples", "[value]") {
  FixedStep<GaussianPolicy> step;
  step.heads[now] = {leaf(matrix(1, 1, {0})), row({0})};
  step.noise = {matrix(1, 1, {0.5}), matrix(1, 1, {-0.25}), matrix(1, 1, {-0.1})};
  step.actions = matrix(1, 1, {1});
  // Q_1 = 4 a, Q_2 = 2: the minimum at .5, -.25, -.1 and at the logged 1 is 2, -1, -.4 and 2.
  step.fixed_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK_FALSE(a.requires_grad());
    return at::cat({4 * a.view({1, 1}), matrix(1, 1, {2})}, 0);
  };
  PolicyMean::params h;
  h.samples = 3;
  CHECK(close(PolicyMean::estimate(h, step, now), row({0.2})));
  step.draws = 0;
  CHECK(close(PolicyMean::advantage(h, step), row({1.8})));
}
