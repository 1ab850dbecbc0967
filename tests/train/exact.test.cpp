#include <tessera/train/exact.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include <tessera/algorithms.hpp>
#include <tessera/sources/tabular_log.hpp>
#include <tessera/tabular/value_iteration.hpp>
#include <tessera/torch.hpp>

#include "tabular/support.hpp"

using namespace tessera;

namespace {
/// Acts by a function of the observations.
struct Puppet {
  using space = Discrete;
  problem_spec<torch_backend> on;
  std::function<at::Tensor(const at::Tensor&)> acts;
  at::Tensor act(const at::Tensor& x, std::int64_t) { return acts(x); }
  const problem_spec<torch_backend>& problem() const { return on; }
};

/// The two-state problem with a way out of state 1 by action 1, so that its episodes end.
TabularTask way_out() {
  return TabularTask::one_hot(
      "way-out",
      tabular::FiniteMdp(
          {.states = 3,
           .actions = 2,
           .outcomes = {{0, 0, 0, 0.5, 0}, {0, 0, 2, 0.5, 0}, {0, 1, 1, 1, 0}, {1, 0, 2, 1, 1}, {1, 1, 0, 1, 0}},
           .start = {1, 0, 0},
           .terminal = {2}}),
      100);
}
struct DrawnBc : recipes::DiscreteBc::with<tessera::select<Sample>> {};
}  // namespace

TEST_CASE("the exact value of a policy that acts by its observation", "[train][exact]") {
  const auto task = way_out();
  // 1, then 0: the reward of 1 for sure.  0 throughout: the episode ends in state 0, for nothing.
  Puppet good{{3, 2, 0, at::kCPU}, [](const at::Tensor& x) { return x.select(1, 0).to(at::kLong); }};
  CHECK(selected_actions(good, task) == std::vector<std::int64_t>{1, 0, 0});
  CHECK(exact_value(good, task) == Approx(1));
  Puppet poor{{3, 2, 0, at::kCPU}, [](const at::Tensor& x) { return at::zeros({x.size(0)}, at::kLong); }};
  CHECK(exact_value(poor, task) == Approx(0).margin(1e-12));
  CHECK(evaluate(good, task, {.episodes = 7}).mean() == 1);
  CHECK(evaluate(poor, task, {.episodes = 7}).mean() == 0);
  Puppet endless{{3, 2, 0, at::kCPU}, [](const at::Tensor& x) { return at::ones({x.size(0)}, at::kLong); }};
  CHECK_THROWS_WITH(exact_value(endless, task), Catch::Contains("never ends"));
  Puppet other{{4, 2, 0, at::kCPU}, {}};
  CHECK_THROWS_WITH(exact_value(other, task),
                    Catch::Contains("way-out") && Catch::Contains("size 3") && Catch::Contains("4 and 2"));
  CHECK_THROWS_WITH(evaluate(other, task), Catch::Contains("way-out"));
}

TEST_CASE("a learner on logged data, against the solution", "[train][exact]") {
  const auto task = way_out();
  tabular::Table b(3, 2);
  b << 0.6, 0.4, 0.7, 0.3, 0.5, 0.5;
  const auto log = tabular::log_episodes(task, b, 2'000, 100, 0);
  const auto data = tabular::to_dataset(task, log, "logged");
  DiscreteIql::params p;
  p.data.standardize = false;
  p.value.tau = 0.9;
  for (auto* net : {&p.policy.net, &p.critic.net, &p.value.net}) net->hidden = {16};
  for (auto* adam : {&p.policy.adam, &p.critic.adam, &p.value.adam}) adam->learning_rate = 0.01;
  DiscreteIql agent(data, p);
  train(agent, data, {.updates = 600});
  CHECK(exact_value(agent, task) == Approx(task.mdp().start().dot(tabular::optimal_values(task.mdp()).v)));
}

TEST_CASE("only a policy that is a function of the observation has a table of actions", "[train][exact]") {
  STATIC_REQUIRE(ActsByTable<DiscreteBc>);
  STATIC_REQUIRE(ActsByTable<Puppet>);
  STATIC_REQUIRE_FALSE(ActsByTable<Bc>);
  STATIC_REQUIRE_FALSE(ActsByTable<learner<DrawnBc>>);
}
