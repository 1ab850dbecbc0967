#include <tessera/actor/binary_weighted.hpp>
#include <tessera/actor/boltzmann_weighted.hpp>
#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/actor/in_sample_softmax.hpp>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/actor/sparse_weighted.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Three states with two actions; the first action is logged.  pi(0|s) = 1/2, 1/4, 1/2, advantages 2, 0.5, -1.
at::Tensor three_states(FixedStep<CategoricalPolicy>& step) {
  const auto logits = leaf(matrix(3, 2, {0, 0, 0, std::log(3.0), 0, 0}));
  step.heads[now] = {logits, {}};
  step.actions = torch::tensor({0, 0, 0}, at::kLong);
  step.logged_advantage = always(row({2, 0.5, -1}));
  return logits;
}
double nll(double a, double b, double c) { return (a * std::log(2.0) + b * std::log(4.0) + c * std::log(2.0)) / 3; }
}  // namespace

TEST_CASE("binary and sparse weights, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  three_states(step);
  CHECK(number(only(BinaryWeighted::loss({}, step), "actor/filtered")) == Approx(nll(1, 1, 0)));
  CHECK(number(only(SparseWeighted::loss({}, step), "actor/sparse")) == Approx(nll(2, 0.5, 0)));
  CHECK(number(only(SparseWeighted::loss({.max_weight = 1.5}, step), "actor/sparse")) == Approx(nll(1.5, 0.5, 0)));
  step.logged_advantage = always(row({0, 0.5, -1}));  // not better is not imitated
  CHECK(number(only(BinaryWeighted::loss({}, step), "actor/filtered")) == Approx(nll(0, 1, 0)));
}

TEST_CASE("weights at the value's temperature, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = three_states(step);
  step.temperature_of_value = 4;
  const auto loss = only(BoltzmannWeighted::loss({}, step), "actor/awr");
  CHECK(number(loss) == Approx(nll(std::exp(0.5), std::exp(0.125), std::exp(-0.25))));
  loss.backward();
  CHECK(logits.grad().defined());
  const auto sharp = only(BoltzmannWeighted::loss({.sharpness = 10, .max_weight = 20}, step), "actor/awr");
  CHECK(number(sharp) == Approx(nll(20, std::exp(1.25), std::exp(-2.5))));
}

TEST_CASE("weights of the in-sample softmax, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = three_states(step);
  step.behavior_density = only_at(now, row({std::log(0.5), std::log(0.25), std::log(1e-6)}));
  const auto loss = only(InSampleSoftmax::loss({.temperature = 2, .max_weight = 1000}, step), "actor/in_sample");
  CHECK(number(loss) == Approx(nll(std::exp(1.0) / 0.5, std::exp(0.25) / 0.25, 1000)));
  loss.backward();
  CHECK(logits.grad().defined());
  CHECK(number(InSampleSoftmax::temperature({.temperature = 2}, step)) == 2);
}

TEST_CASE("the in-sample softmax has no trace of the behavior's frequencies", "[actor]") {
  // Actions 0 (taken 9 of 10 times) and 1 with Q = (1, 2) at t = 1: pi = softmax(1, 2).
  FixedStep<CategoricalPolicy> step;
  const auto logits = leaf(matrix(1, 2, {1, 2}));
  step.heads[now] = {logits.expand({10, 2}), {}};
  step.actions = torch::tensor({0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, at::kLong);
  const auto taken = step.actions.to(at::kDouble);
  step.logged_advantage = always(1 + taken);
  step.behavior_density = always(at::where(step.actions == 0, std::log(0.9) + taken * 0, std::log(0.1) + taken * 0));
  only(InSampleSoftmax::loss({.temperature = 1}, step), "actor/in_sample").backward();
  CHECK(close(logits.grad(), matrix(1, 2, {0, 0}), 1e-9));
}

TEST_CASE("policy improvement at a fixed temperature, computed by hand", "[actor]") {
  FixedStep<TanhGaussianPolicy> step;
  const auto out = leaf(matrix(1, 2, {0.3, std::log(0.5)}));
  step.heads[now] = {out, {}};
  step.noise = {matrix(1, 1, {(0.42364893 - 0.3) / 0.5}), matrix(1, 1, {(0.42364893 - 0.3) / 0.5})};
  step.frozen_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    return at::stack({3 * a.squeeze(-1), 2 * a.squeeze(-1)});
  };
  const FixedTemperatureMaximizeQ::params h{.temperature = 0.5, .warmup_updates = 5};
  step.number_of_update = 6;
  const auto sum = FixedTemperatureMaximizeQ::loss(h, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(number(sum.items[0].value) == Approx(0.5 * -0.082016081));
  CHECK(number(sum.items[1].value) == Approx(-2 * 0.4));
  step.number_of_update = 5;
  CHECK(FixedTemperatureMaximizeQ::loss(h, step).items.size() == 1);
  CHECK(number(FixedTemperatureMaximizeQ::temperature(h, step)) == 0.5);

  // Discrete actions: exact sums, minimal where pi = softmax(Q / alpha).
  FixedStep<CategoricalPolicy> discrete;
  const auto logits = leaf(matrix(1, 2, {2, 4}));
  discrete.heads[now] = {logits, {}};
  discrete.fixed_all = only_at(now, row({1, 2, 9, 9}).view({2, 1, 2}));
  discrete.number_of_update = 6;
  const auto exact = FixedTemperatureMaximizeQ::loss(h, discrete);
  (exact.items[0].value + exact.items[1].value).backward();
  CHECK(close(logits.grad(), matrix(1, 2, {0, 0})));
}

TEST_CASE("policy improvement by several actions a state takes the least of the critics' means, computed by hand",
          "[actor]") {
  FixedStep<TanhGaussianPolicy> step;
  const auto out = leaf(matrix(1, 2, {0.3, std::log(0.5)}));
  step.heads[now] = {out, {}};
  step.noise = {matrix(1, 2, {(0.42364893 - 0.3) / 0.5, 0})};  // the actions .4 and tanh .3
  const double second = std::tanh(0.3);
  step.frozen_many_q = [&](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(close(a, row({0.4, second}).view({1, 2, 1}), 1e-7));
    return at::stack(
        {10 * (a.squeeze(-1) - 0.3), at::full({1, 2}, 0.5, at::kDouble)});  // 1 and -.09, of mean .46; .5 and .5
  };
  const FixedTemperatureMaximizeQ::params h{.temperature = 0.5, .samples = 2};
  const auto sum = FixedTemperatureMaximizeQ::loss(h, step);
  REQUIRE(sum.items.size() == 2);
  const double log_pi = std::log(2.0) - 0.918938533 - std::log(1 - second * second);
  CHECK(number(sum.items[0].value) == Approx(0.5 * (-0.082016081 + log_pi) / 2));
  CHECK(number(sum.items[1].value) == Approx(-(1 + 10 * (second - 0.3)) / 2));
  sum.items[1].value.backward();
  CHECK(number(out.grad()[0][0]) == Approx(-5 * ((1 - 0.16) + (1 - second * second))));
}

TEST_CASE("the least critic is maximized, computed by hand", "[actor]") {
  FixedStep<DeterministicPolicy> step;
  const auto x = leaf(matrix(2, 1, {std::atanh(0.5), std::atanh(-0.5)}));
  step.heads[now] = {x, {}};
  step.frozen_q = [](place, const at::Tensor& a) { return at::stack({4 * a.squeeze(-1), 2 * a.squeeze(-1)}); };
  // Least: 2 * .5 and 4 * -.5; the mean size is 1.5.
  const auto loss = only(MaximizeMinQ::loss({.alpha = 3, .normalize = true}, step), "actor/q");
  CHECK(number(loss) == Approx(-3 * (1 - 2) / 2. / 1.5));
  loss.backward();
  CHECK(close(x.grad(), matrix(2, 1, {-3 / 1.5 / 2 * 2 * 0.75, -3 / 1.5 / 2 * 4 * 0.75})));
  CHECK(number(only(MaximizeMinQ::loss({.alpha = 3}, step), "actor/q")) == Approx(1.5));
}
