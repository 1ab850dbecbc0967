#include <tessera/actor/advantage_weighted.hpp>
#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/actor/maximize_q.hpp>
#include <tessera/actor/soft_maximize_q.hpp>
#include <tessera/actor/softmax_advantage_weighted.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Three states with two actions; the first action is logged.  pi(0|s) = 1/2, 1/4, 1/2.
at::Tensor three_states(FixedStep<CategoricalPolicy>& step) {
  const auto logits = leaf(matrix(3, 2, {0, 0, 0, std::log(3.0), 0, 0}));
  step.heads[now] = {logits, {}};
  step.actions = torch::tensor({0, 0, 0}, at::kLong);
  return logits;
}
/// d(-sum_b w_b log pi(0|s_b)) / d logits = w (pi - onehot)
at::Tensor weighted(double a, double b, double c) {
  return matrix(3, 2, {-a / 2, a / 2, -b * 3 / 4, b * 3 / 4, -c / 2, c / 2});
}
}  // namespace

TEST_CASE("behavior cloning, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = three_states(step);
  const auto loss = only(BehaviorCloning::loss({}, step), "actor/bc");
  CHECK(number(loss) == Approx((2 * std::log(2.0) + std::log(4.0)) / 3));
  loss.backward();
  CHECK(close(logits.grad(), weighted(1, 1, 1) / 3));

  FixedStep<GaussianPolicy> gaussian;
  const auto mean = leaf(matrix(1, 1, {0})), log_std = leaf(row({0}));
  gaussian.heads[now] = {mean, log_std};
  gaussian.actions = matrix(1, 1, {0.5});
  const auto likelihood = only(BehaviorCloning::loss({}, gaussian), "actor/bc");
  CHECK(number(likelihood) == Approx(0.125 + 0.918938533));
  likelihood.backward();
  CHECK(number(mean.grad()) == Approx(-0.5));     // -(a - mu) tanh'(0)
  CHECK(number(log_std.grad()) == Approx(0.75));  // 1 - (a - mu)^2
}

TEST_CASE("advantage-weighted regression, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = three_states(step);
  AdvantageWeighted::params h;
  h.beta = 3;
  h.max_weight = 100;
  step.logged_advantage = always(row({0, std::log(2.0) / 3, 10}));  // weights 1, 2, and exp 30, bounded
  const auto loss = only(AdvantageWeighted::loss(h, step), "actor/awr");
  CHECK(number(loss) == Approx((std::log(2.0) + 2 * std::log(4.0) + 100 * std::log(2.0)) / 3));
  loss.backward();
  CHECK(close(logits.grad(), weighted(1, 2, 100) / 3));

  h.beta = 0;  // cloning
  CHECK(number(only(AdvantageWeighted::loss(h, step), "actor/awr")) ==
        Approx(number(only(BehaviorCloning::loss({}, step), "actor/bc"))));
}

TEST_CASE("advantage-weighted regression with normalized weights, computed by hand", "[actor]") {
  FixedStep<CategoricalPolicy> step;
  const auto logits = three_states(step);
  SoftmaxAdvantageWeighted::params h;
  h.beta = 2;
  step.logged_advantage = always(row({5, 5 + std::log(3.0) / 2, 5}));  // weights 1/5, 3/5, 1/5: they sum to one
  const auto loss = only(SoftmaxAdvantageWeighted::loss(h, step), "actor/awr");
  CHECK(number(loss) == Approx(0.4 * std::log(2.0) + 0.6 * std::log(4.0)));
  loss.backward();
  CHECK(close(logits.grad(), weighted(0.2, 0.6, 0.2)));

  // With equal advantages the sum is the mean of -log pi, not a third of it.
  step.logged_advantage = always(row({-7, -7, -7}));
  CHECK(number(only(SoftmaxAdvantageWeighted::loss(h, step), "actor/awr")) ==
        Approx((2 * std::log(2.0) + std::log(4.0)) / 3));
}

TEST_CASE("the deterministic policy gradient, computed by hand", "[actor]") {
  FixedStep<DeterministicPolicy> step;
  const auto x = leaf(matrix(2, 1, {0, std::atanh(0.5)}));
  step.heads[now] = {x, {}};
  // Q_1 = 3 a + 1 at a = (0, .5): 1, 2.5; the second member does not matter.
  step.frozen_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    return at::stack({(3 * a + 1).squeeze(1), at::full({2}, -50, at::kDouble)});
  };
  MaximizeQ::params h;
  h.alpha = 2;
  auto loss = only(MaximizeQ::loss(h, step), "actor/q");
  CHECK(number(loss) == Approx(-2 * 1.75));
  loss.backward();
  CHECK(close(x.grad(), matrix(2, 1, {-2 * 3 * 0.5, -2 * 3 * 0.5 * 0.75})));  // tanh' = 1, 1 - 1/4

  // Normalized by mean |Q| = 1.75, which is a constant: the loss is -alpha, its gradient not zero.
  h.normalize = true;
  x.mutable_grad().zero_();
  loss = only(MaximizeQ::loss(h, step), "actor/q");
  CHECK(number(loss) == Approx(-2));
  loss.backward();
  CHECK(close(x.grad(), matrix(2, 1, {-3 / 1.75, -3 * 0.75 / 1.75})));

  // Q of both signs: |Q| is averaged, not Q.
  step.frozen_q = [](place, const at::Tensor& a) { return (a - 0.25).squeeze(1).unsqueeze(0) * 8; };  // -2, 2
  CHECK(number(only(MaximizeQ::loss(h, step), "actor/q")) == Approx(0).margin(1e-12));
}

TEST_CASE("maximum-entropy improvement, computed by hand", "[actor]") {
  using State = SoftMaximizeQ::state<torch_backend>;
  struct {
    at::Device device = at::kCPU;
  } cpu;
  SoftMaximizeQ::params h;
  h.initial_temperature = 0.5;
  h.target_entropy = -1;
  h.adam.learning_rate = 0.1;
  State state(h, cpu);
  FixedStepWithState<TanhGaussianPolicy, State> step;
  step.own = &state;
  step.dimensions = 3;  // of the target entropy alone
  const auto x = leaf(matrix(1, 2, {0.3, std::log(0.5)}));
  step.heads[now] = {x, {}};
  const double eps = (0.42364893 - 0.3) / 0.5;
  step.noise = {matrix(1, 1, {eps})};  // a = .4, log pi = -.082016081
  step.frozen_q = [](place where, const at::Tensor& a) {
    CHECK(where == now);
    return at::cat({a.view({1, 1}) * 10, matrix(1, 1, {7})}, 0);  // the minimum: 4
  };
  const auto sum = SoftMaximizeQ::loss(h, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(std::string(sum.items[0].name) == "actor/entropy");
  CHECK(number(sum.items[0].value) == Approx(-0.5 * 0.082016081));
  CHECK(std::string(sum.items[1].name) == "actor/q");
  CHECK(number(sum.items[1].value) == Approx(-4));
  (sum.items[0].value + sum.items[1].value).backward();
  // With u = mu + sigma eps: log pi = -eps^2/2 - log sigma - c - log(1 - tanh^2 u), so d log pi / du = 2 a, and
  // d(-10 a) / du = -10 (1 - a^2).
  const double by_u = 0.5 * 2 * 0.4 - 10 * (1 - 0.16);
  CHECK(close(x.grad(), matrix(1, 2, {by_u, by_u * 0.5 * eps - 0.5}), 1e-6));

  // The temperature's loss: -log alpha (E log pi - 3).  The entropy .08 is above its target -3: alpha falls.
  CHECK(number(SoftMaximizeQ::temperature(h, step)) == Approx(0.5));
  CHECK_FALSE(SoftMaximizeQ::temperature(h, step).requires_grad());
  const auto dual = only(SoftMaximizeQ::temperature_loss(h, step), "actor/temperature");
  CHECK(number(dual) == Approx(-std::log(0.5) * (-0.082016081 - 3)));
  x.mutable_grad().zero_();
  dual.backward();
  CHECK(number(x.grad().abs().sum()) == 0);  // log pi is a constant of it
  state.log_alpha.apply();
  CHECK(number(state.log_alpha.value()) == Approx(std::log(0.5) - 0.1));

  state.mean_log_pi = torch::tensor(50.0);  // next to no entropy: alpha rises
  for (int k = 0; k < 5; ++k) {
    SoftMaximizeQ::run(stage::duals{}, h, step);
  }
  CHECK(number(state.log_alpha.value()) > std::log(0.5) - 0.1);
}

TEST_CASE("a bound on the temperature holds where it is used, and not where it is learned", "[actor]") {
  using State = SoftMaximizeQ::state<torch_backend>;
  struct {
    at::Device device = at::kCPU;
  } cpu;
  SoftMaximizeQ::params h;
  h.initial_temperature = 3;
  State state(h, cpu);
  FixedStepWithState<TanhGaussianPolicy, State> step;
  step.own = &state;
  CHECK(number(SoftMaximizeQ::temperature(h, step)) == Approx(3));
  h.max_temperature = 1;
  CHECK(number(SoftMaximizeQ::temperature(h, step)) == Approx(1));
  state.mean_log_pi = torch::tensor(50.0), state.sampled_in = step.update();
  const auto dual = only(SoftMaximizeQ::temperature_loss(h, step), "actor/temperature");
  CHECK(number(dual) == Approx(-std::log(3.0) * 49));
  dual.backward();
  state.log_alpha.apply();
  CHECK(number(state.log_alpha.value()) > std::log(3.0));
  h.max_temperature = 5;
  CHECK(number(SoftMaximizeQ::temperature(h, step)) == Approx(3).epsilon(1e-3));
}
