#include <tessera/policy/categorical.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>
#include <tessera/value/exponential.hpp>
#include <tessera/value/fitted_policy_mean.hpp>
#include <tessera/value/gumbel.hpp>
#include <tessera/value/return_regression.hpp>
#include <tessera/value/sparse.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Least target values (3, 1) at the logged actions, V = (1, 2): u = (2, -1).
template <class Step>
at::Tensor two_states(Step& step) {
  const auto v = leaf(row({1, 2}));
  step.actions = matrix(2, 1, {0.1, 0.2});
  step.target_q = only_at(now, matrix(2, 2, {3, 5, 4, 1}));
  step.fixed_q = only_at(now, matrix(2, 2, {3, 5, 4, 2}));
  step.trained_v = only_at(now, v);
  step.constant_v = [](place where) { return where == now ? row({1, 2}) : row({7, 8}); };
  return v;
}
/// Where V of one state stands after steps down the mean loss of the values q, taken as often as the behavior does.
template <class Loss>
double rest(const at::Tensor& q, double rate, Loss loss) {
  auto v = leaf(at::zeros({1}, at::kDouble));
  for (int k = 0; k < 20000; ++k) {
    loss(q, at::Tensor(v.expand_as(q))).backward();
    at::NoGradGuard guard;
    v.sub_(rate * v.grad());
    v.mutable_grad().zero_();
  }
  return number(v.sum());
}
// b = (.5, .3, .2), Q = (1, 2, .5).
const at::Tensor& logged() {
  static const auto q = row({1, 1, 1, 1, 1, 2, 2, 2, 0.5, 0.5});
  return q;
}
}  // namespace

TEST_CASE("a Gumbel value's loss, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  Gumbel::params h;
  h.beta = 2;  // z = (1, -1/2), m = 1
  const auto loss = only(Gumbel::loss(h, step), "value/gumbel");
  CHECK(number(loss) == Approx(std::exp(-1.0) * (std::exp(1.0) - 1 - 1 + std::exp(-0.5) + 0.5 - 1) / 2));
  loss.backward();
  CHECK(close(v.grad(), std::exp(-1.0) * row({-(std::exp(1.0) - 1) / 4, -(std::exp(-0.5) - 1) / 4})));
  CHECK(close(Gumbel::estimate(h, step, next), row({7, 8})));
  CHECK(close(Gumbel::advantage(h, step), row({2, -1})));

  v.mutable_grad().zero_();
  h.max_z = 0.25;  // z = (1/4, -1/2) and m = 1/4; the first is beyond the bound
  const auto bounded = only(Gumbel::loss(h, step), "value/gumbel");
  CHECK(number(bounded) == Approx(std::exp(-0.25) * (std::exp(0.25) - 0.25 - 1 + std::exp(-0.5) + 0.5 - 1) / 2));
  bounded.backward();
  CHECK(close(v.grad(), std::exp(-0.25) * row({0, -(std::exp(-0.5) - 1) / 4})));
}

TEST_CASE("the largest exponent by which a loss is scaled is no less than -1, and has no gradient", "[value]") {
  const auto v = leaf(row({1, 2}));
  const auto scale = math::largest_exponent_scale(row({-9, -4}), at::Tensor(v), 2.0, 5.0);  // z = (-5, -3)
  CHECK(number(scale) == Approx(std::exp(1.0)));
  CHECK_FALSE(scale.requires_grad());
  CHECK(number(math::largest_exponent_scale(row({2, 2}), at::Tensor(v), 2.0, 5.0)) == Approx(std::exp(-0.5)));
  CHECK(number(math::largest_exponent_scale(row({99, 2}), at::Tensor(v), 2.0, 5.0)) == Approx(std::exp(-5.0)));
}

TEST_CASE("a Gumbel value is the soft maximum over the behavior", "[value]") {
  const double alpha[] = {0.5, 1, 5}, expected[] = {1.513073, 1.362412, 1.231499};
  for (int i = 0; i < 3; ++i)
    CHECK(rest(logged(), alpha[i] * 0.1, [&](const auto& q, const auto& v) {
            return math::gumbel_loss(q, v, alpha[i], 20.0);
          }) == Approx(expected[i]).margin(2e-6));
}

TEST_CASE("an exponential value's loss, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  Exponential::params h;
  h.alpha = 2;  // z = (1, -1/2), m = 1
  const auto loss = only(Exponential::loss(h, step), "value/exponential");
  CHECK(number(loss) == Approx((1 + std::exp(-1.5) + std::exp(-1.0) * (1 / 2. + 2 / 2.)) / 2));
  loss.backward();
  CHECK(close(v.grad(), row({(-1 + std::exp(-1.0)) / 2 / 2, (-std::exp(-1.5) + std::exp(-1.0)) / 2 / 2})));
  CHECK(close(Exponential::estimate(h, step, next), row({7, 8})));
  CHECK(close(Exponential::advantage(h, step), row({2, -1})));
  CHECK(Exponential::temperature(h) == 2);

  v.mutable_grad().zero_();
  h.max_z = 0.25;  // z = (1/4, -1/2) and m = 1/4; the first exponential is beyond the bound
  const auto bounded = only(Exponential::loss(h, step), "value/exponential");
  CHECK(number(bounded) == Approx((1 + std::exp(-0.75) + std::exp(-0.25) * 1.5) / 2));
  bounded.backward();
  CHECK(close(v.grad(), row({std::exp(-0.25) / 4, (-std::exp(-0.75) + std::exp(-0.25)) / 4})));
}

TEST_CASE("an exponential value is the soft maximum over the behavior", "[value]") {
  const double alpha[] = {0.5, 1, 5}, expected[] = {1.513073, 1.362412, 1.231499};
  for (int i = 0; i < 3; ++i)
    CHECK(rest(logged(), alpha[i] * 0.1, [&](const auto& q, const auto& v) {
            return math::exponential_loss(q, v, alpha[i], 20.0);
          }) == Approx(expected[i]).margin(2e-6));
}

TEST_CASE("a sparse value's loss, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  Sparse::params h;
  h.alpha = 0.25;  // x = 1 + 2 u = (5, -1)
  const auto loss = only(Sparse::loss(h, step), "value/sparse");
  CHECK(number(loss) == Approx((25 + 1 / 0.25 + 0 + 2 / 0.25) / 2));
  loss.backward();
  CHECK(close(v.grad(), row({(-2 * 5 * 2 + 4) / 2., 4 / 2.})));
  CHECK(close(Sparse::advantage(h, step), row({2, -1})));
}

TEST_CASE("a sparse value solves its equation over the behavior", "[value]") {
  const double alpha[] = {0.1, 0.5, 1, 5}, expected[] = {1.533333, 1.2, 1.2, 1.2};
  for (int i = 0; i < 4; ++i)
    CHECK(rest(logged(), alpha[i] * alpha[i] * 0.5, [&](const auto& q, const auto& v) {
            return math::sparse_loss(q, v, alpha[i]);
          }) == Approx(expected[i]).margin(2e-6));
}

TEST_CASE("a fitted policy mean, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  step.heads[now] = {matrix(2, 1, {0, 0}), row({0})};
  step.noise = {matrix(2, 1, {0.5, -0.25})};
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(close(a, matrix(2, 1, {0.5, -0.25})));
    return matrix(2, 2, {4, 9, 3, 9});  // minima 3 and 9
  };
  const auto loss = only(FittedPolicyMean::loss({}, step), "value/mse");
  CHECK(number(loss) == Approx(0.5 * (4 + 49) / 2));
  loss.backward();
  CHECK(close(v.grad(), row({(1 - 3) / 2., (2 - 9) / 2.})));

  FixedStep<CategoricalPolicy> discrete;
  const auto w = two_states(discrete);
  discrete.heads[now] = {matrix(2, 2, {std::log(3.0), 0, 0, 0}), {}};  // (3/4, 1/4), (1/2, 1/2)
  discrete.target_all = only_at(now, row({4, 0, 2, 6}).view({1, 2, 2}));
  CHECK(number(only(FittedPolicyMean::loss({}, discrete), "value/mse")) ==
        Approx(0.5 * (4 + 4) / 2));  // targets 3 and 4
}

TEST_CASE("a soft policy mean carries the entropy, computed by hand", "[value]") {
  FixedStep<TanhGaussianPolicy> step;
  const auto v = two_states(step);
  step.heads[now] = {matrix(2, 2, {0.3, std::log(0.5), 0, 0}), {}};
  step.noise = {matrix(2, 1, {(0.42364893 - 0.3) / 0.5, 0})};  // log pi -.082016081 and -.91893853
  step.target_q = only_at(now, matrix(2, 2, {4, 9, 3, 9}));
  step.actor_temperature = always(torch::tensor(2.0, at::kDouble));
  const double a = 1 - (3 + 2 * 0.082016081), b = 2 - (9 + 2 * 0.91893853);
  CHECK(number(only(SoftPolicyMean::loss({}, step), "value/mse")) == Approx(0.5 * (a * a + b * b) / 2));
  CHECK(close(SoftPolicyMean::advantage({}, step), row({3 - 1, 2 - 2})));  // of the critics themselves

  FixedStep<CategoricalPolicy> discrete;
  two_states(discrete);
  discrete.heads[now] = {matrix(2, 2, {std::log(3.0), 0, 0, 0}), {}};
  discrete.target_all = only_at(now, row({4, 0, 2, 6}).view({1, 2, 2}));
  discrete.actor_temperature = step.actor_temperature;
  const double c = 1 - (3 - 2 * (0.75 * std::log(0.75) + 0.25 * std::log(0.25))), d = 2 - (4 + 2 * std::log(2.0));
  CHECK(number(only(SoftPolicyMean::loss({}, discrete), "value/mse")) == Approx(0.5 * (c * c + d * d) / 2));
}

TEST_CASE("a regression to returns, computed by hand", "[value]") {
  FixedStep<GaussianPolicy> step;
  const auto v = two_states(step);
  step.logged_returns = row({4, -3});
  ReturnRegression::params h;
  CHECK(number(only(ReturnRegression::loss(h, step), "value/mse")) == Approx(0.5 * (9 + 25) / 2));
  CHECK(
      close(ReturnRegression::advantage(h, step), row({4 / 4.00001, -4 / 4.00001})));  // (3, -5): mean -1, deviation 4
  h.standardize = false;
  CHECK(close(ReturnRegression::advantage(h, step), row({3, -5})));
}
