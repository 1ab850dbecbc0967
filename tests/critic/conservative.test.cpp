#include <tessera/constraint/lagrange.hpp>
#include <tessera/critic/conservative.hpp>
#include <tessera/critic/double_q_backup.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/greedy_policy.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// A critic update without a loss of its own.
template <class Space>
struct NoUpdate {
  using role = role::critic_update;
  using space = Space;
  using params = CriticParams;
  using needs = all_of<>;
  template <class Step, class Backend>
  struct lookups {};
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step&) {
    return {};
  }
};
/// Two states with two actions and two members; the second action is logged.
void two_states(FixedStep<CategoricalPolicy>& step) {
  step.dimensions = 2;
  step.all_q = leaf(row({0, 0, std::log(3.0), 0, 1, 2, 3, 5}).view({2, 2, 2}));
  step.trained_q = [&step](place where, const at::Tensor&) {
    CHECK(where == now);
    return step.all_q.select(2, 1);
  };
  step.heads[now] = {matrix(2, 2, {std::log(3.0), 0, 0, 0}), {}};  // pi = (3/4, 1/4), (1/2, 1/2)
}
/// A policy of the same density everywhere.
struct Even : TanhGaussianPolicy {
  template <class T>
  static drawn<T> sample_with_log_prob(const params&, const head<T>& x, const T&) {
    return {at::zeros_like(x.out), at::full({x.out.size(0)}, -double(x.out.size(1)) * std::log(2.0), at::kDouble)};
  }
};
double lse(double a, double b) { return std::log(std::exp(a) + std::exp(b)); }
template <class Part>
at::Tensor penalty(FixedStep<CategoricalPolicy>& step, double temperature = 1) {
  typename Part::params h;
  h.weight = 2;
  h.temperature = temperature;
  return only(Part::loss(h, step), "critic/conservative");
}
}  // namespace

TEST_CASE("the gap of discrete actions, computed by hand", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  two_states(step);
  const auto loss = penalty<Conservative<NoUpdate<Discrete>>>(step);
  const double gap = (lse(0, 0) - 0 + lse(std::log(3.0), 0) - 0) / 2 + (lse(1, 2) - 2 + lse(3, 5) - 5) / 2;
  CHECK(number(loss) == Approx(2 * gap));
  loss.backward();
  // alpha / B (softmax - onehot of the logged): for the first member (1/2, -1/2), (3/4, -3/4).
  CHECK(close(step.all_q.grad().select(0, 0), matrix(2, 2, {0.5, -0.5, 0.75, -0.75})));
}

TEST_CASE("other choices of mu, computed by hand", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  two_states(step);
  using Nothing = NoUpdate<Discrete>;
  // T log sum exp(Q / T)
  CHECK(number(penalty<Conservative<Nothing>>(step, 2)) ==
        Approx(2 * ((2 * lse(0, 0) + 2 * lse(std::log(3.0) / 2, 0)) / 2 +
                    (2 * lse(0.5, 1) - 2 + 2 * lse(1.5, 2.5) - 5) / 2)));
  // The present policy as the prior: log sum pi exp Q.
  const auto prior = [](double p, double a, double b) { return std::log(p * std::exp(a) + (1 - p) * std::exp(b)); };
  CHECK(number(penalty<Conservative<Nothing, PolicyPrior>>(step)) ==
        Approx(2 * ((prior(0.75, 0, 0) + prior(0.5, std::log(3.0), 0)) / 2 +
                    (prior(0.75, 1, 2) - 2 + prior(0.5, 3, 5) - 5) / 2)));
  // The largest: (0, log 3) and (2, 5).
  CHECK(number(penalty<Conservative<Nothing, MaxAction>>(step)) == Approx(2 * std::log(3.0) / 2));
  // The policy: (0, log 3 / 2) and (5/4, 4).
  CHECK(number(penalty<Conservative<Nothing, CurrentPolicy>>(step)) ==
        Approx(2 * (std::log(3.0) / 2 / 2 + (1.25 - 2 + 4 - 5) / 2)));
  CHECK(number(penalty<Conservative<Nothing, CurrentPolicy, NoPushUp>>(step)) ==
        Approx(2 * (std::log(3.0) / 2 / 2 + (1.25 + 4) / 2)));
}

TEST_CASE("without a difference between actions the gap is the log of their number", "[critic]") {
  // Discrete: log |A|.
  FixedStep<CategoricalPolicy> step;
  two_states(step);
  step.all_q = at::zeros({1, 2, 5}, at::kDouble);
  CHECK(number(penalty<Conservative<NoUpdate<Discrete>>>(step)) == Approx(2 * std::log(5.0)));
  // Continuous, with a policy of the same density everywhere: log 30 + d log 2.
  for (std::int64_t d : {1, 3, 8}) {
    FixedStep<Even> continuous;
    continuous.dimensions = d;
    continuous.actions = at::zeros({4, d}, at::kDouble);
    continuous.heads[now] = continuous.heads[next] = {at::zeros({4, d}, at::kDouble), {}};
    for (int k = 0; k < 3; ++k) continuous.noise.push_back(at::rand({4, 10 * d}, at::kDouble));
    continuous.trained_q = always(at::zeros({1, 4}, at::kDouble));
    continuous.many_q = [](place where, const at::Tensor& a) {
      CHECK(where == now);
      CHECK(a.size(1) == 30);
      return at::zeros({1, 4, 30}, at::kDouble);
    };
    Conservative<NoUpdate<Continuous>>::params h;
    h.weight = 1;
    CHECK(number(only(Conservative<NoUpdate<Continuous>>::loss(h, continuous), "critic/conservative")) ==
          Approx(std::log(30.0) + double(d) * std::log(2.0)));
  }
}

TEST_CASE("importance weights of continuous actions, computed by hand", "[critic]") {
  FixedStep<TanhGaussianPolicy> step;
  step.actions = matrix(1, 1, {0.1});
  // pi(.|s): u = .42364893, so that a = .4 and log pi = -.082016081.  pi(.|s') stands elsewhere, and is valued at s
  // too.
  step.heads[now] = {matrix(1, 2, {0.3, std::log(0.5)}), {}};
  step.heads[next] = {matrix(1, 2, {0, 0}), {}};
  step.noise = {matrix(1, 1, {0.75}), matrix(1, 1, {(0.42364893 - 0.3) / 0.5}),
                matrix(1, 1, {0})};  // uniform, at s, at s'
  step.trained_q = only_at(now, matrix(1, 1, {0.5}));
  const auto q = leaf(row({1, 2, 3}).view({1, 1, 3}));
  step.many_q = [&](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(close(a, row({0.5, 0.4, 0}).view({1, 3, 1}), 1e-8));
    CHECK_FALSE(a.requires_grad());
    return q;
  };
  Conservative<NoUpdate<Continuous>>::params h;
  h.weight = 1;
  h.uniform_actions = h.policy_actions = h.next_policy_actions = 1;
  // log 1/2 for the uniform one; -1/2 log 2 pi at the center of tanh N(0, 1), where the slope of tanh is 1.
  const double x = 1 + std::log(2.0), y = 2 + 0.082016081, z = 3 + 0.91893853;
  const auto loss = only(Conservative<NoUpdate<Continuous>>::loss(h, step), "critic/conservative");
  CHECK(number(loss) == Approx(std::log(std::exp(x) + std::exp(y) + std::exp(z)) - 0.5));
  loss.backward();
  CHECK(number(q.grad().sum()) == Approx(1));

  step.draws = 0;
  CHECK(number(only(Conservative<NoUpdate<Continuous>, MaxAction>::loss(h, step), "critic/conservative")) ==
        Approx(3 - 0.5));
}

TEST_CASE("importance sampling estimates the integral", "[critic]") {
  // log integral over [-1, 1] of exp(2 a) da = log sinh(2), whatever the policy.
  torch::manual_seed(1);
  FixedStep<TanhGaussianPolicy> step;
  const std::int64_t many = 60000;
  step.actions = matrix(1, 1, {0});
  step.heads[now] = {matrix(1, 2, {0.4, 0}), {}};
  step.heads[next] = {matrix(1, 2, {-0.2, -0.2}), {}};
  step.noise = {at::rand({1, many}, at::kDouble), at::randn({1, many}, at::kDouble), at::randn({1, many}, at::kDouble)};
  step.trained_q = always(matrix(1, 1, {0}));
  step.many_q = [](place, const at::Tensor& a) { return (2 * a).view({1, 1, -1}); };
  Conservative<NoUpdate<Continuous>>::params h;
  h.weight = 1;
  h.uniform_actions = h.policy_actions = h.next_policy_actions = many;
  const double estimate = number(only(Conservative<NoUpdate<Continuous>>::loss(h, step), "critic/conservative")) -
                          std::log(3.0 * double(many));
  CHECK(estimate == Approx(std::log(std::sinh(2.0))).margin(0.02));
}

TEST_CASE("a conservative critic adds to the update it wraps", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  two_states(step);
  step.actions = torch::tensor({1, 1}, at::kLong);
  step.rewards = row({1, 2});
  step.mask = row({0, 0});
  step.fixed_all = only_at(next, at::zeros({2, 2, 2}, at::kDouble));
  step.target_q = always(at::zeros({2, 2}, at::kDouble));
  const auto sum = Conservative<DoubleQBackup>::loss({}, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(number(sum.items[0].value) == Approx(number(only(DoubleQBackup::loss({}, step), "critic/td"))));
  CHECK(std::string(sum.items[1].name) == "critic/conservative");
}

TEST_CASE("a multiplier moves until the gap stands at its target", "[critic]") {
  using Part = Lagrange<Conservative<NoUpdate<Discrete>>>;
  static_assert(CriticUpdate<Part> && RunsIn<Part, stage::duals> &&
                !RunsIn<Conservative<NoUpdate<Discrete>>, stage::duals>);
  Part::params h;
  h.weight = 2, h.target = 0;
  h.multiplier_adam.learning_rate = 0.1;
  Part::state<torch_backend> state(h, problem_spec<torch_backend>{1, 2, 0, at::kCPU});
  FixedStepWithState<CategoricalPolicy, Part::state<torch_backend>, Part::params> step;
  two_states(step);
  step.own = &state;
  const double gap =
      ((lse(0, 0) + lse(std::log(3.0), 0)) / 2 + (lse(1, 2) - 2 + lse(3, 5) - 5) / 2) / 2;  // a member's mean
  for (double target : {gap - 0.1, gap + 0.1}) {
    h.target = target;
    step.own_params = h;
    const double before = number(state.log_multiplier.value());
    const auto loss = only(Part::loss(h, step), "critic/conservative");
    CHECK(number(loss) == Approx(std::exp(before) * 2 * gap).epsilon(1e-5));  // over both members
    const auto dual = only(Part::multiplier_loss(h, step), "critic/multiplier");
    CHECK(number(dual) == Approx(-std::exp(before) * (gap - target)).epsilon(1e-4));
    dual.backward();
    state.log_multiplier.apply();
    CHECK((number(state.log_multiplier.value()) > before) == (gap > target));
    CHECK(Part::multiplier_loss(h, step).empty());  // a gap counts once
  }
  h.max_multiplier = 1.5;
  step.own_params = h;
  only(Part::loss(h, step), "critic/conservative");
  Part::run(stage::duals{}, h, step);
  CHECK(number(state.log_multiplier.value()) == Approx(std::log(1.5)));
}
