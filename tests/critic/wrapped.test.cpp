#include <tessera/critic/best_of_policy_backup.hpp>
#include <tessera/critic/cloning_penalized.hpp>
#include <tessera/critic/diversified.hpp>
#include <tessera/critic/double_q_backup.hpp>
#include <tessera/critic/log_behavior_reward.hpp>
#include <tessera/critic/policy_backup.hpp>
#include <tessera/critic/smoothed_policy_backup.hpp>
#include <tessera/critic/soft_backup.hpp>
#include <tessera/critic/supported_double_q_backup.hpp>
#include <tessera/critic/value_penalized.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/policy/deterministic.hpp>
#include <tessera/policy/gaussian.hpp>
#include <tessera/policy/tanh_gaussian.hpp>

#include <cmath>

#include "helpers/fixed_step.hpp"

using namespace tessera;
using namespace support;

namespace {
/// One transition of reward 1, not terminal, with Q = 0 at the logged action; the loss is y^2.
template <class Step>
void one_transition(Step& step) {
  step.actions = matrix(1, 1, {0.1});
  step.rewards = row({1});
  step.mask = row({1});
  step.trained_q = only_at(now, matrix(1, 1, {0}));
}
template <class H>
H half() {
  H h;
  h.discount = 0.5;
  return h;
}
/// A critic update of which a multiplier may weigh three.
struct WeighedThrice : PolicyBackup {
  template <class Step, class Weight>
  static WeightedLoss<typename Step::tensor> weighted_loss(const params&, Step&, const Weight& weight) {
    return {{"critic/weighed", row({weight * 3})}, row({3})};
  }
};
double target(const terms<at::Tensor>& sum) { return std::sqrt(number(only(sum, "critic/td"))); }
}  // namespace

TEST_CASE("backup of the best of the target policy's actions, computed by hand", "[critic]") {
  FixedStep<GaussianPolicy> step;
  one_transition(step);
  step.target_heads[next] = {matrix(1, 1, {0}), row({0})};
  step.noise = {matrix(1, 2, {0.5, -0.25})};
  step.target_many_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, row({0.5, -0.25}).view({1, 2, 1})));
    return row({4, 1, 8, 9}).view({2, 1, 2});  // of the first action 4 and 8, of the second 1 and 9
  };
  auto h = half<BestOfPolicyBackup::params>();
  h.samples = 2;
  // 3/4 smallest + 1/4 largest: 5 and 3; the best is 5.
  CHECK(target(BestOfPolicyBackup::loss(h, step)) == Approx(1 + 0.5 * 5));
  h.min_weight = 0;  // the largest: 8 and 9
  step.draws = 0;
  CHECK(target(BestOfPolicyBackup::loss(h, step)) == Approx(1 + 0.5 * 9));
}

TEST_CASE("double Q-learning's backup, computed by hand", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  one_transition(step);
  step.actions = torch::tensor({1}, at::kLong);
  // Online members (9, 3) and (1, 2): the minimum (1, 2) prefers action 1, the mean would prefer 0.
  step.fixed_all = only_at(next, row({9, 3, 1, 2}).view({2, 1, 2}));
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(at::equal(a, torch::tensor({1}, at::kLong)));
    return matrix(2, 1, {7, 6});
  };
  CHECK(target(DoubleQBackup::loss(half<CriticParams>(), step)) == Approx(1 + 0.5 * 6));
}

TEST_CASE("double Q-learning among supported actions, computed by hand", "[critic]") {
  FixedStep<CategoricalPolicy> step;
  one_transition(step);
  step.actions = torch::tensor({1}, at::kLong);
  // The minimum of the online members is (1, 2, 8): of the first two actions the second.
  step.fixed_all = only_at(next, row({9, 3, 8, 1, 2, 8}).view({2, 1, 3}));
  step.supported = only_at(next, matrix(1, 3, {1, 1, 0}));
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(at::equal(a, torch::tensor({1}, at::kLong)));
    return matrix(2, 1, {7, 6});
  };
  CHECK(target(SupportedDoubleQBackup::loss(half<CriticParams>(), step)) == Approx(1 + 0.5 * 6));
}

TEST_CASE("a value penalty is penalized at the next state", "[critic]") {
  FixedStep<GaussianPolicy> step;
  one_transition(step);
  step.heads[next] = {matrix(1, 1, {0}), row({0})};
  step.noise = {matrix(1, 1, {0.5})};
  step.target_q = only_at(next, matrix(2, 1, {4, 3}));
  step.penalized = only_at(next, row({2}));
  using Part = ValuePenalized<PolicyBackup>;
  static_assert(OneStepBackup<Part>);
  CHECK(target(Part::loss(half<CriticParams>(), step)) == Approx(1 + 0.5 * (3 - 2)));
}

TEST_CASE("the distance to the log's next action is penalized where it is known", "[critic]") {
  using Part = CloningPenalized<SmoothedPolicyBackup>;
  static_assert(ActionBackup<Part> && UsesTargetPolicy<Part>);
  for (double known : {1.0, 0.0}) {
    FixedStep<DeterministicPolicy> step;
    one_transition(step);
    step.target_heads[next] = {matrix(1, 2, {0, std::atanh(0.5)}), {}};
    step.noise = {matrix(1, 2, {0, 0})};
    step.target_q = only_at(next, matrix(2, 1, {4, 3}));
    step.next_actions = matrix(1, 2, {1, -0.5});  // squared distances 1 and 1
    step.next_known = row({known});
    auto h = half<Part::params>();
    h.cloning = 0.25;
    CHECK(target(Part::loss(h, step)) == Approx(1 + 0.5 * (3 - known * 0.25 * 2)));
  }
}

TEST_CASE("the behavior's log-density enters the reward at the temperature", "[critic]") {
  using Part = LogBehaviorReward<SoftBackup>;
  static_assert(OneStepBackup<Part>);
  FixedStep<TanhGaussianPolicy> step;
  one_transition(step);
  step.heads[next] = {matrix(1, 2, {0.3, std::log(0.5)}), {}};
  step.noise = {matrix(1, 1, {(0.42364893 - 0.3) / 0.5})};  // log pi -.082016081
  step.target_q = only_at(next, matrix(2, 1, {4, 3}));
  step.actor_temperature = always(torch::tensor(2.0, at::kDouble));
  step.behavior_density = [&step](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(at::equal(a, step.actions));
    return row({-0.25});
  };
  auto h = half<Part::params>();
  CHECK(target(Part::loss(h, step)) == Approx(1 - 2 * 0.25 + 0.5 * (3 + 2 * 0.082016081)));
  step.behavior_density = always(row({-1e9}));  // never more than the floor
  step.draws = 0;
  h.log_floor = -0.1;
  CHECK(target(Part::loss(h, step)) == Approx(1 - 2 * 0.1 + 0.5 * (3 + 2 * 0.082016081)));
}

TEST_CASE("diversity is the members' likeness, computed by hand", "[critic]") {
  using Part = Diversified<PolicyBackup>;
  FixedStep<GaussianPolicy> step;
  one_transition(step);
  step.heads[next] = {matrix(1, 1, {0}), row({0})};
  step.noise = {matrix(1, 1, {0.5})};
  step.target_q = only_at(next, matrix(3, 1, {4, 3, 5}));
  // Directions (1, 0), (0, 1), (3/5, 4/5), whatever their lengths: products 0, 3/5, 4/5, each twice.
  step.action_slope = [&step](place where, const at::Tensor& a) {
    CHECK(where == now);
    CHECK(at::equal(a, step.actions));
    return row({2, 0, 0, 7, 3, 4}).view({3, 1, 2});
  };
  auto h = half<Part::params>();
  h.members = 3;
  h.diversity = 0.5;
  const auto sum = Part::loss(h, step);
  REQUIRE(sum.items.size() == 2);
  CHECK(std::string(sum.items[1].name) == "critic/diversity");
  CHECK(number(sum.items[1].value) == Approx(0.5 / 2 * 2 * (0.6 + 0.8)));
  h.diversity = 0;
  step.draws = 0;
  CHECK(Part::loss(h, step).items.size() == 1);
}

TEST_CASE("diversity stays where a multiplier weighs what it wraps", "[critic]") {
  using Part = Diversified<WeighedThrice>;
  FixedStep<GaussianPolicy> step;
  step.actions = matrix(1, 1, {0.1});
  step.action_slope = [](place, const at::Tensor&) { return row({2, 0, 3, 4}).view({2, 1, 2}); };  // product 3/5, twice
  const auto [sum, amount] = Part::weighted_loss(half<Part::params>(), step, 2.0);
  REQUIRE(sum.items.size() == 2);
  CHECK(number(sum.items[0].value) == 6);
  CHECK(std::string(sum.items[1].name) == "critic/diversity");
  CHECK(number(sum.items[1].value) == Approx(2 * 0.6));
  CHECK(number(amount) == 3);
}

TEST_CASE("likeness: its gradient, and members without a slope", "[critic]") {
  torch::manual_seed(0);
  const auto x = leaf(at::randn({4, 3, 2}, at::kDouble));
  math::likeness(x).backward();
  CHECK(close(x.grad(), slope([](const at::Tensor& y) { return number(math::likeness(y)); }, x), 1e-6));
  const auto flat = leaf(at::zeros({2, 1, 2}, at::kDouble));
  math::likeness(flat).backward();
  CHECK(flat.grad().isfinite().all().item<bool>());
}
