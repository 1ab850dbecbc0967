#include <tessera/algorithms/bear.hpp>
#include <tessera/algorithms/cal_ql.hpp>
#include <tessera/algorithms/cql.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/rlpd.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/train_online.hpp>

#include <map>
#include <set>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
const Dataset& pendulum() {
  static const Dataset data = builtin_dataset("pendulum-mixed");
  return data;
}
template <class R>
params_of<R> small() {
  params_of<R> p;
  p.policy.net.hidden = {8};
  if constexpr (requires { p.critic.net; }) p.critic.net.hidden = {8};
  if constexpr (requires { p.value.net; }) p.value.net.hidden = {8};
  if constexpr (requires { p.critic.uniform_actions; })
    p.critic.uniform_actions = p.critic.policy_actions = p.critic.next_policy_actions = 2;
  return p;
}
std::map<std::string, at::Tensor> buffers(auto& agent) {
  std::map<std::string, at::Tensor> out;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out[name] = x.clone();
  });
  return out;
}
OnlineOptions of(std::int64_t steps) {
  OnlineOptions o;
  o.steps = steps, o.environments = 2, o.horizon = 7, o.random_steps = 10, o.updates_per_step = 1.5;
  o.training.batch = 16, o.training.report_every = 5;
  return o;
}
}  // namespace

TEST_CASE("an online phase makes the updates that belong to its steps", "[train][online]") {
  learner<recipes::Iql> agent(pendulum(), small<recipes::Iql>());
  auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
  const auto logged = replay.size();
  Experience experience(3, 1, false);
  auto o = of(40);
  std::vector<std::int64_t> seen;
  int episodes = 0;
  o.after_step = [&](std::int64_t steps) {
    seen.push_back(steps);
    if (steps == 0) CHECK(agent.updates() == 0);  // evaluated before the first update
    if (steps <= 10) CHECK(agent.updates() == 0);
    return true;
  };
  o.after_episode = [&](std::int64_t, double episode_return) {
    ++episodes;
    CHECK(episode_return < 0);
  };
  train_online(agent, replay, TaskOf<Pendulum>{}, experience, o);
  CHECK(seen.front() == 0);
  CHECK(seen.size() == 21);
  CHECK(experience.size() == 40);
  CHECK(agent.updates() == 45);  // 1.5 for each of the 30 after the random ones
  CHECK(replay.logged() == logged);
  CHECK(replay.online() == 40);
  CHECK(episodes == 4);  // two copies of two episodes of 7 steps in 20
  // What was learned from is what happened: in the task's units it is the environment's own.
  Pendulum again(1, 7, 0);
  const auto data = experience.dataset("online");
  for (std::int64_t i = 0; i + 1 < data.size(); ++i) {
    again.show(0, data.observation(i));
    const float torque = data.actions[std::size_t(i)];
    float reward = 0;
    std::uint8_t ended = 0;
    again.step(&torque, &reward, &ended);
    CHECK(data.rewards[std::size_t(i)] == Approx(reward).margin(1e-4));
    CHECK(data.next_observation(i)[0] == Approx(again.observations()[0]).margin(1e-5));
  }
  CHECK(std::all_of(data.terminals.begin(), data.terminals.end(), [](auto t) { return t == 0; }));
  // A time limit is no end: every transition bootstraps.
  CHECK(replay.all().not_done.slice(0, logged).min().item<float>() == 1);
}

TEMPLATE_TEST_CASE("an online phase that was interrupted goes on to the bit", "[train][online]", recipes::Td3Bc,
                   recipes::CalQl, recipes::Rlpd) {
  using R = TestType;
  auto p = small<R>();
  p.schedule.actor = 2;
  const auto run = [&](const std::vector<std::int64_t>& stops) {
    learner<R> agent(pendulum(), p);
    Experience experience(3, 1, false);
    for (const auto stop : stops) {
      // A replay that is made anew each time, as a program that was started again makes it.
      auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
      auto o = of(30);
      o.after_step = [&](std::int64_t steps) { return steps < stop; };
      train_online(agent, replay, TaskOf<Pendulum>{}, experience, o);
      CHECK(experience.size() == stop);
    }
    return buffers(agent);
  };
  const auto whole = run({30}), halves = run({12, 18, 30});
  REQUIRE(whole.size() == halves.size());
  for (const auto& [name, x] : whole) {
    INFO(name);
    CHECK(at::equal(x, halves.at(name)));
  }
}

TEST_CASE("batches of OfflineAndOnline have exact parts, and all of what there is before", "[train][online]") {
  auto p = small<recipes::Rlpd>();
  p.data.offline_ratio = 0.25;
  learner<recipes::Rlpd> agent(pendulum(), p);
  auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
  CHECK(at::equal(agent.batch_for(replay, 3, 16).rewards, replay.sample(0, 3, 16).rewards));
  const auto row = at::full({1, replay.numbers()}, 1234.0f);
  for (int i = 0; i < 5; ++i) replay.append(row, i == 0, 100);
  for (std::int64_t update = 1; update < 20; ++update) {
    const auto b = agent.batch_for(replay, update, 16);
    CHECK(b.rewards.slice(0, 0, 4).ne(1234).all().item<bool>());
    CHECK(b.rewards.slice(0, 4).eq(1234).all().item<bool>());
    CHECK(b.logged == batch<at::Tensor>::everything);
  }
}

TEST_CASE("a replay that is full overwrites its oldest, and never the log", "[train][online]") {
  learner<recipes::Iql> agent(pendulum(), small<recipes::Iql>());
  auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
  const auto before = replay.all().rewards.clone();
  for (int i = 1; i <= 12; ++i) replay.append(at::full({1, replay.numbers()}, float(1000 + i)), true, 5);
  CHECK(replay.online() == 5);
  CHECK(at::equal(replay.all().rewards.slice(0, 0, replay.logged()), before));
  std::multiset<float> kept;
  for (std::int64_t k = replay.logged(); k < replay.size(); ++k) kept.insert(replay.all().rewards[k].item<float>());
  CHECK(kept == std::multiset<float>{1008, 1009, 1010, 1011, 1012});
  CHECK_THROWS_WITH(replay.append(at::zeros({6, replay.numbers()}), true, 5), Catch::Contains("does not fit"));
  CHECK_THROWS_WITH(replay.append(at::zeros({1, 3}), true, 5), Catch::Contains("have 9 numbers"));
}

TEST_CASE("a full replay of whole episodes computes returns of whole episodes", "[train][online]") {
  Replay replay(1, 1, false, at::kCPU, replay_columns(columns<column::returns>{}));
  const auto episode = [](std::int64_t length, float reward) {
    auto x = at::zeros({length, 5});
    x.select(1, 2).fill_(reward), x.select(1, 3).fill_(1);
    return x;
  };
  replay.append(episode(3, 1), true, 8), replay.append(episode(3, 10), true, 8);
  replay.append(episode(4, 100), true,
                8);  // does not fit behind the second: it takes the place of the first, and of one
  REQUIRE(replay.size() == 6);
  replay.set_returns(0.5, 1, at::zeros({6}));
  CHECK(close(replay.all().get<column::returns>(), row({187.5, 175, 150, 100, 15, 10})));
}

TEST_CASE("exploration draws from the policy, or adds noise where it has nothing to draw from", "[train][online]") {
  const auto states = at::randn({500, 3}, at::detail::createCPUGenerator(1), at::kFloat);
  const auto spread = [&](auto& agent, double noise) {
    return (agent.explore(states, 1, noise) - agent.act(states)).abs().mean().template item<double>();
  };
  learner<recipes::Td3Bc> deterministic(pendulum(), small<recipes::Td3Bc>());
  CHECK(spread(deterministic, 0) == Approx(0).margin(1e-6));
  // E |N(0, .1^2)| of half a range of 2.
  CHECK(spread(deterministic, 0.1) == Approx(0.1 * 2 * std::sqrt(2 / 3.14159265)).epsilon(0.2));
  learner<recipes::Iql> stochastic(pendulum(), small<recipes::Iql>());
  CHECK(spread(stochastic, 0) > 0.2);
  CHECK(at::equal(stochastic.explore(states, 7, 0), stochastic.explore(states, 7, 0)));
  CHECK_FALSE(at::equal(stochastic.explore(states, 7, 0), stochastic.explore(states, 8, 0)));
  CHECK(stochastic.explore(states, 7, 0).abs().max().item<double>() <= 2);

  // A selection among samples draws by itself.
  params_of<recipes::Bear> few;
  few.policy.net.hidden = few.critic.net.hidden = {8};
  learner<recipes::Bear> chooses(pendulum(), few);
  CHECK(at::equal(chooses.explore(states, 7, 0), chooses.explore(states, 7, 0.5)));
  CHECK_FALSE(at::equal(chooses.explore(states, 7, 0), chooses.explore(states, 8, 0)));

  const auto cartpole = builtin_dataset("cartpole-mixed");
  const auto seen = at::randn({2000, 4}, at::detail::createCPUGenerator(1), at::kFloat) * 0.1;
  learner<recipes::DiscreteCql> greedy(cartpole, {});
  const auto share = [&](double noise) {
    return greedy.explore(seen, 3, noise).ne(greedy.act(seen)).to(at::kDouble).mean().item<double>();
  };
  CHECK(share(0) == 0);
  CHECK(share(0.5) == Approx(0.25).margin(0.05));  // of two actions, half of the uniform ones are the greedy
  learner<recipes::DiscreteIql> categorical(cartpole, small<recipes::DiscreteIql>());
  const auto a = categorical.explore(seen, 3, 0);
  CHECK(a.to(at::kDouble).mean().item<double>() > 0.2);
  CHECK(a.to(at::kDouble).mean().item<double>() < 0.8);
}

TEST_CASE("online options that cannot be are one line", "[train][online]") {
  learner<recipes::CalQl> agent(pendulum(), small<recipes::CalQl>());
  auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
  Experience experience(3, 1, false);
  const auto with = [&](auto change) {
    auto o = of(10);
    change(o);
    train_online(agent, replay, TaskOf<Pendulum>{}, experience, o);
  };
  CHECK_THROWS_WITH(with([](auto& o) { o.environments = 0; }), Catch::Contains("environments must be at least 1"));
  CHECK_THROWS_WITH(with([](auto& o) { o.updates_per_step = -1; }),
                    Catch::Contains("updates_per_step must be at least"));
  CHECK_THROWS_WITH(with([](auto& o) { o.capacity = 5; }), Catch::Contains("holds no whole episode of 7 steps"));
  CHECK_THROWS_WITH(with([](auto& o) { o.training.batch = 0; }), Catch::Contains("batch must be at least 1"));
  with([](auto&) {});
  CHECK_THROWS_WITH(with([](auto& o) { o.seed = 5; }),
                    Catch::Contains("does not come from environment pendulum with seed 5"));
}

TEST_CASE("online training from nothing learns to hold a pole", "[train][online]") {
  // Without a log: units are those of the task.
  params_of<recipes::DiscreteCql> p;
  p.critic.weight = 0, p.critic.net.hidden = {64, 64}, p.critic.adam.learning_rate = 1e-3, p.critic.polyak = 0.01;
  Normalizer units{std::vector<float>(4, 0), std::vector<float>(4, 1), 1, 0, {}, {}};
  learner<recipes::DiscreteCql> agent(problem_spec<torch_backend>{4, 2, 0, at::kCPU}, nn::Units(std::move(units)), p);
  Replay replay(4, 2, true, at::kCPU, replay_columns(learner<recipes::DiscreteCql>::logged_columns{}));
  Experience experience(4, 2, true);
  const double before = evaluate<CartPole>(agent, {.episodes = 20}).mean();
  OnlineOptions o;
  o.steps = 4000, o.random_steps = 500, o.exploration_noise = 0.1, o.training.batch = 64;
  train_online(agent, replay, TaskOf<CartPole>{}, experience, o);
  const double after = evaluate<CartPole>(agent, {.episodes = 20}).mean();
  INFO(before << " -> " << after);
  CHECK(after > 100);
  CHECK(after > before + 50);
}
