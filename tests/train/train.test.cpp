#include <tessera/train/train.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <tessera/algorithms/iql.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Two observations each; one episode that ends, and one that is cut.
Dataset three_transitions() {
  Dataset data;
  data.observation_size = 2;
  data.action_size = 1;
  data.observations = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  data.observation_row = {0, 1, 3};
  data.next_observation_row = {1, 2, 4};
  data.actions = {-2, 0, 2};
  data.rewards = {1, 2, 3};
  data.terminals = {0, 1, 0};
  data.timeouts = {0, 0, 1};
  data.action_low = {-2};
  data.action_high = {2};
  data.episodes = {{0, 2, 2, 3, 2.98, true}, {2, 1, 1, 3, 3, true}};
  return data;
}
nn::Units units(Normalizer n) {
  struct {
    at::Device device = at::kCPU;
  } on;
  return nn::Units(nn::Units(std::move(n)), on);
}
const Normalizer plain{{0, 0}, {1, 1}, 1, 0, {-2}, {2}};

/// Reports, as its only metric, numbers that a test hands it.
struct Parrot {
  using space = Continuous;
  std::function<std::vector<term<at::Tensor>>(std::int64_t)> says;
  problem_spec<torch_backend> on{2, 1, 0, at::kCPU};
  std::int64_t done = 0;
  std::vector<term<at::Tensor>> prediction{};
  std::vector<at::Tensor> rewards{};

  void plan(std::int64_t) {}
  void start(const Replay&) {}
  void refill(Replay&) {}
  batch<at::Tensor> batch_for(const Replay& replay, std::int64_t update, std::int64_t count) {
    return replay.sample(on.seed, update, count);
  }
  void update(const batch<at::Tensor>& b, const std::function<batch<at::Tensor>(std::int64_t)>&) {
    prediction = says(++done);
    rewards.push_back(b.rewards);
  }
  const std::vector<term<at::Tensor>>& metrics() const { return prediction; }
  std::int64_t updates() const { return done; }
  const problem_spec<torch_backend>& problem() const { return on; }
};
Replay small_replay() { return Replay(three_transitions(), {0, 1, 2}, units(plain), at::kCPU); }
std::vector<term<at::Tensor>> count(std::int64_t k) { return {{"a/number", at::scalar_tensor(double(k))}}; }
}  // namespace

TEST_CASE("a replay knows the log's next action, within an episode", "[train][replay]") {
  auto data = three_transitions();
  data.terminals = {0, 0, 0};
  data.timeouts = {0, 1, 1};
  const Replay replay(data, {0, 1, 2}, units(plain), at::kCPU,
                      replay_columns(columns<column::next_action, column::next_action_known>{}));
  const auto b = replay.all();
  CHECK(close(b.actions, matrix(3, 1, {-1, 0, 1})));
  CHECK(close(b.get<column::next_action>(), matrix(3, 1, {0, 0, 0})));
  CHECK(close(b.get<column::next_action_known>(), row({1, 0, 0})));
  CHECK_FALSE(b.get<column::returns>().defined());
  // A choice that leaves rows out: the row below is another moment.
  const auto chosen = Replay(data, {0, 2}, units(plain), at::kCPU,
                             replay_columns(columns<column::next_action, column::next_action_known>{}))
                          .all();
  CHECK(close(chosen.get<column::next_action_known>(), row({0, 0})));
  CHECK_FALSE(small_replay().all().get<column::next_action>().defined());
}

TEST_CASE("a replay's returns, computed by hand", "[train][replay]") {
  Replay replay(three_transitions(), {0, 1, 2}, units(plain), at::kCPU,
                replay_columns(columns<column::next_action, column::next_action_known, column::returns>{}));
  CHECK(replay.all().get<column::returns>().isnan().all().item<bool>());  // not before they are asked for
  const auto v = row({10, 20, 30});
  // Rewards 1, 2 (which ends the task), 3 (which is cut, and goes on with V(s') = 30).
  replay.set_returns(0.5, 1, v);
  CHECK(close(replay.all().get<column::returns>(), row({1 + 0.5 * 2, 2, 3 + 0.5 * 30})));
  replay.set_returns(0.5, 0, v);
  CHECK(close(replay.all().get<column::returns>(), row({1 + 0.5 * 10, 2, 18})));
  replay.set_returns(0.5, 0.75, v);
  CHECK(close(replay.all().get<column::returns>(), row({1 + 0.5 * (0.25 * 10 + 0.75 * 2), 2, 18})));
  CHECK(close(replay.all().get<column::next_action_known>(), row({1, 0, 0})));
}

TEST_CASE("a replay holds the chosen transitions, in the learner's units", "[train][replay]") {
  const Replay replay(three_transitions(), {2, 1}, units({{1, 1}, {2, 4}, 10, -5, {-2}, {2}}), at::kCPU);
  CHECK(replay.size() == 2);
  const auto b = replay.all();
  CHECK(close(b.observations, matrix(2, 2, {2.5, 1.5, 0.5, 0.5}), 1e-6));   // (6, 7) and (2, 3), less 1, by 2 and 4
  CHECK(close(b.next_observations, matrix(2, 2, {3.5, 2, 1.5, 1}), 1e-6));  // (8, 9) and (4, 5)
  CHECK(close(b.actions, matrix(2, 1, {1, 0}), 1e-6));
  CHECK(close(b.rewards, row({25, 15}), 1e-6));
  CHECK(close(b.not_done, row({1, 0}), 1e-6));  // a cut is no end
}

TEST_CASE("a replay gives discrete actions back as indices", "[train][replay]") {
  auto data = three_transitions();
  data.kind = action_kind::discrete;
  data.action_size = 3;
  data.actions.clear();
  data.action_indices = {2, 0, 1};
  const auto b = Replay(data, {0, 1, 2}, units({{0, 0}, {1, 1}, 1, 0, {}, {}}), at::kCPU).all();
  CHECK(at::equal(b.actions, torch::tensor({2, 0, 1}, at::kLong)));
  CHECK(close(b.not_done, row({1, 0, 1})));
}

TEST_CASE("a batch is a function of seed and update, and all transitions are as likely", "[train][replay]") {
  const auto replay = small_replay();
  const auto one = replay.sample(5, 1, 3000).rewards;
  CHECK(at::equal(replay.sample(5, 1, 3000).rewards, one));
  CHECK_FALSE(at::equal(replay.sample(5, 2, 3000).rewards, one));
  CHECK_FALSE(at::equal(replay.sample(6, 1, 3000).rewards, one));
  for (double r : {1.0, 2.0, 3.0}) CHECK(number(one.eq(r).sum()) == Approx(1000).margin(110));  // 4 sqrt(3000 * 2/9)
  // A row stays together.
  const auto b = replay.sample(5, 1, 100);
  CHECK(close(b.actions.squeeze(1), b.rewards - 2));
  CHECK(close(b.observations.select(1, 0),
              at::tensor({0.0f, 0.0f, 2.0f, 6.0f}).index_select(0, b.rewards.to(at::kLong))));
}

TEST_CASE("reports are means since the last report", "[train]") {
  Parrot parrot{[](std::int64_t k) {
    auto all = count(k);
    if (k % 2 == 0) all.push_back({"b/even", at::scalar_tensor(-double(k))});  // a delayed stage
    return all;
  }};
  std::vector<Report> seen;
  TrainOptions o;
  o.updates = 12, o.batch = 4, o.report_every = 5;
  o.report = [&](const Report& r) { seen.push_back(r); };
  train(parrot, small_replay(), o);
  REQUIRE(seen.size() == 3);
  const auto check = [&](std::size_t i, std::int64_t updates, double all, double even) {
    CHECK(seen[i].updates == updates);
    REQUIRE(seen[i].metrics.size() == 2);
    CHECK(seen[i].metrics[0 + (seen[i].metrics[0].first == "b/even")].second == Approx(all));
    CHECK(seen[i].metrics[0 + (seen[i].metrics[0].first != "b/even")].second == Approx(even));
  };
  check(0, 5, 3, -3);       // 1..5 and 2, 4
  check(1, 10, 8, -8);      // 6..10 and 6, 8, 10
  check(2, 12, 11.5, -12);  // 11, 12 and 12
  CHECK(parrot.rewards[0].size(0) == 4);
}

TEST_CASE("a window of metrics has the same sums however often it is read, and however it is stopped",
          "[train][window]") {
  const auto says = [](std::int64_t k) {
    auto all = count(k);
    all[0].value = at::scalar_tensor(1.0 / double(k) + 1e-9 * double(k % 7));  // sums that round
    if (k % 3 == 0) all.push_back({"b/third", at::scalar_tensor(std::sqrt(double(k)))});
    return all;
  };
  // By hand: one number after the other, in double.
  constexpr std::int64_t all = 2 * MetricsWindow::kept + 11;
  double sum = 0, thirds = 0;
  for (std::int64_t k = 1; k <= all; ++k) {
    sum += double(number(says(k)[0].value));
    if (k % 3 == 0) thirds += double(number(says(k)[1].value));
  }
  const std::vector<MetricsWindow::Sum> expected{{"a/number", sum, all}, {"b/third", thirds, all / 3}};
  MetricsWindow seldom, often, stopped;
  for (std::int64_t k = 1; k <= all; ++k) {
    const auto metrics = says(k);
    seldom.add(k, metrics), often.add(k, metrics), stopped.add(k, metrics);
    often.flush();
    if (k % 50 == 0) stopped = MetricsWindow::of_text(stopped.text());
  }
  CHECK((seldom.sums() == expected));
  CHECK((often.sums() == expected));
  CHECK((stopped.sums() == expected));
  CHECK(MetricsWindow().text().empty());
  CHECK(MetricsWindow::of_text("").means().empty());
  for (const char* bad : {"x", "1 2 a", "1 2\n", "1 2 \n", "0 2 a\n", "-1 2 a\n", "1 nan a\n", "1 inf a\n",
                          "1 1e999 a\n", "1 2 a\n1 2 a\n", "\n", "1  2 a\n", "2.5 2 a\n"})
    CHECK_THROWS_WITH(MetricsWindow::of_text(bad), Catch::StartsWith("metrics since the last report: line "));
}

TEST_CASE("a training that was stopped between two reports reports as one that was not", "[train][window]") {
  const auto says = [](std::int64_t k) {
    return std::vector<term<at::Tensor>>{{"a/number", at::scalar_tensor(1.0 / double(k))}};
  };
  const auto run = [&](std::vector<std::int64_t> stops) {
    std::vector<Report> whole;
    Parrot parrot{says};
    std::string text;
    stops.push_back(40);
    for (auto stop : stops) {
      auto window = MetricsWindow::of_text(text);
      TrainOptions o{.updates = 40, .batch = 2, .report_every = 10};
      o.window = &window;
      o.report = [&](const Report& r) {
        CHECK(r.partial == (r.updates % 10 != 0));
        if (!r.partial) whole.push_back(r);
      };
      o.after_update = [&](std::int64_t k) { return k < stop; };
      train(parrot, small_replay(), o);
      text = window.text();
    }
    CHECK(text.empty());
    return whole;
  };
  const auto unbroken = run({});
  REQUIRE(unbroken.size() == 4);
  for (const auto& stops : {std::vector<std::int64_t>{3}, {10}, {7, 8, 9, 20, 31}, {25, 26}}) {
    const auto broken = run(stops);
    REQUIRE(broken.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK((broken[i].metrics == unbroken[i].metrics));
  }
}

TEST_CASE("a number that is not finite is found before the window ends, where somebody asks or it is long",
          "[train][window]") {
  const auto says = [](std::int64_t k) {
    return std::vector<term<at::Tensor>>{{"actor/q", at::scalar_tensor(k == 7 ? NAN : 1.0f)}};
  };
  Parrot long_one{says};
  CHECK_THROWS_WITH(train(long_one, small_replay(), {.updates = 100'000, .batch = 2, .report_every = 50'000}),
                    Catch::Contains("actor/q is NaN at update 7;"));
  CHECK(long_one.updates() == MetricsWindow::kept);
  Parrot asked{says};
  MetricsWindow window;
  TrainOptions o{.updates = 100, .batch = 2, .report_every = 50, .window = &window};
  o.after_update = [&](std::int64_t) { return window.flush(), true; };
  CHECK_THROWS_AS(train(asked, small_replay(), o), Diverged);
  CHECK(asked.updates() == 7);
  CHECK_THROWS_WITH(window.flush(), Catch::Contains("actor/q is NaN at update 7;"));
}

namespace {
struct Kept {
  at::Tensor weights = at::ones({4}), steps = at::ones({2}, at::kLong), moments = at::zeros({3}), none = at::empty({0});
  std::int64_t done = 12;
  std::int64_t updates() const { return done; }
  void each_buffer(auto&& f) {
    f("updates", done), f("policy/weights", weights), f("steps", steps), f("policy/adam/m", moments), f("none", none);
  }
};
}  // namespace

TEST_CASE("what is kept of an agent is finite, or named", "[train]") {
  Kept agent;
  CHECK_NOTHROW(require_finite(agent));
  agent.moments[2] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(require_finite(agent), Catch::Contains("policy/adam/m is not finite after update 12;"));
  agent.weights[0] = NAN;
  CHECK_THROWS_AS(require_finite(agent), Diverged);
}

TEST_CASE("training goes on to a number of updates, and stops when told to", "[train]") {
  Parrot parrot{count};
  TrainOptions o;
  o.updates = 10, o.batch = 2;
  o.after_update = [](std::int64_t k) { return k < 4; };
  train(parrot, small_replay(), o);
  CHECK(parrot.updates() == 4);
  o.after_update = nullptr;
  train(parrot, small_replay(), o);
  CHECK(parrot.updates() == 10);
  // The batches of an interrupted run are those of an uninterrupted one.
  Parrot other{count};
  train(other, small_replay(), o);
  for (std::size_t k = 0; k < 10; ++k) CHECK(at::equal(other.rewards[k], parrot.rewards[k]));

  o.batch = 0;
  CHECK_THROWS_WITH(train(parrot, small_replay(), o), Catch::Contains("batch") && Catch::Contains("0"));
}

TEST_CASE("a number that is not finite is named with its update", "[train]") {
  for (double bad : {std::nan(""), double(INFINITY)}) {
    Parrot parrot{[bad](std::int64_t k) {
      auto all = count(k);
      all.push_back({"actor/q", at::scalar_tensor(k >= 7 ? bad : 1.0)});
      return all;
    }};
    TrainOptions o;
    o.updates = 20, o.batch = 2, o.report_every = 5;
    CHECK_THROWS_AS(train(parrot, small_replay(), o), Diverged);
    CHECK(parrot.updates() == 10);  // found at the end of its window
    Parrot again{parrot.says};
    CHECK_THROWS_WITH(
        train(again, small_replay(), o),
        Catch::Contains(std::isnan(bad) ? "actor/q is NaN at update 7" : "actor/q is infinite at update 7"));
  }
}

namespace {
/// Acts as it is told, in the units of the task.
template <class Space>
struct Puppet {
  using space = Space;
  problem_spec<torch_backend> on;
  std::function<at::Tensor(const at::Tensor&)> acts;
  at::Tensor act(const at::Tensor& x, std::int64_t) { return acts(x); }
  const problem_spec<torch_backend>& problem() const { return on; }
};
}  // namespace

TEST_CASE("evaluation adds up the rewards of its episodes", "[train][evaluate]") {
  Puppet<Continuous> puppet{{3, 1, 0, at::kCPU}, [](const at::Tensor& x) { return x.narrow(1, 1, 1) * 2; }};
  const auto result = evaluate<Pendulum>(puppet, {.episodes = 3, .seed = 9, .horizon = 20});
  REQUIRE(result.returns.size() == 3);
  Pendulum env(3, 20, 9);
  double returns[3] = {};
  for (int t = 0; t < 20; ++t) {
    float actions[3], rewards[3];
    std::uint8_t ended[3];
    for (int i = 0; i < 3; ++i) actions[i] = 2 * env.observations()[3 * i + 1];
    env.step(actions, rewards, ended);
    for (int i = 0; i < 3; ++i) returns[i] += double(rewards[i]);
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(result.returns[i] == Approx(returns[i]));
  const double mean = (returns[0] + returns[1] + returns[2]) / 3;
  CHECK(result.mean() == Approx(mean));
  CHECK(result.std() ==
        Approx(std::sqrt(
            (std::pow(returns[0] - mean, 2) + std::pow(returns[1] - mean, 2) + std::pow(returns[2] - mean, 2)) / 3)));
}

TEST_CASE("an episode's rewards stop at its end", "[train][evaluate]") {
  // Pushing one way, the pole falls; every step up to the fall, this included, is worth 1.
  Puppet<Discrete> puppet{{4, 2, 0, at::kCPU}, [](const at::Tensor& x) { return at::ones({x.size(0)}, at::kLong); }};
  const auto result = evaluate<CartPole>(puppet, {.episodes = 5, .seed = 1, .horizon = 100});
  CartPole env(5, 100, 1);
  std::vector<double> steps(5, 0);
  std::vector<bool> fallen(5, false);
  for (int t = 0; t < 100; ++t) {
    std::int64_t actions[5] = {1, 1, 1, 1, 1};
    float rewards[5];
    std::uint8_t ended[5];
    env.step(actions, rewards, ended);
    for (std::size_t i = 0; i < 5; ++i) {
      if (!fallen[i]) steps[i] += 1;
      if (ended[i] != 0) fallen[i] = true;
    }
  }
  CHECK(result.returns == steps);
  CHECK(result.mean() < 15);
}

TEST_CASE("an evaluation stops when told to, and episodes asked in turn are as if asked together",
          "[train][evaluate]") {
  std::vector<std::int64_t> sizes;
  Puppet<Continuous> puppet{{3, 1, 0, at::kCPU},
                            [&](const at::Tensor& x) { return sizes.push_back(x.size(0)), x.narrow(1, 1, 1) * 2; }};
  int asked = 0;
  const auto stopped =
      evaluate<Pendulum>(puppet, {.episodes = 3, .horizon = 1'000'000'000, .keep_going = [&] { return ++asked <= 5; }});
  CHECK(stopped.stopped);
  CHECK(sizes.size() == 5);
  const auto few = evaluate<Pendulum>(puppet, {.episodes = 20, .seed = 2, .horizon = 7});
  CHECK_FALSE(few.stopped);
  sizes.clear();
  const auto many = evaluate<Pendulum>(puppet, {.episodes = episodes_at_once + 1, .seed = 2, .horizon = 7});
  CHECK(sizes.size() == 14);
  CHECK(sizes[1] == 1);
  for (std::size_t i = 0; i < 20; ++i) CHECK(many.returns[i] == few.returns[i]);
  CHECK(many.returns.back() != 0);
}

TEST_CASE("an evaluation too large for memory is refused with its size", "[train][evaluate]") {
  Puppet<Continuous> puppet{{3, 1, 0, at::kCPU}, {}};
  CHECK_THROWS_WITH(evaluate<Pendulum>(puppet, {.episodes = 700'000'000}),
                    Catch::Contains("700000000 episodes") && Catch::Contains("8400000000 bytes"));
  CHECK_THROWS_WITH(evaluate<Pendulum>(puppet, {.episodes = std::numeric_limits<std::int64_t>::max()}),
                    Catch::Contains("9223372036854775807 episodes"));
  CHECK_THROWS_WITH(evaluate<Pendulum>(puppet, {.horizon = -5}), Catch::Contains("horizon") && Catch::Contains("-5"));
  CHECK_NOTHROW(require_evaluable(3, evaluation_bytes / 12));
  CHECK_THROWS_AS(require_evaluable(3, evaluation_bytes / 12 + 1), Error);
}

TEST_CASE("what an environment shows of an episode that has ended is not asked of the policy", "[train][evaluate]") {
  Puppet<Discrete> puppet{
      {4, 2, 0, at::kCPU}, [](const at::Tensor& x) {
        CHECK(bool(x.abs().le(3).all().item<bool>()));  // fallen far beyond, if stepped on and asked
        return at::ones({x.size(0)}, at::kLong) * (at::arange(x.size(0)) % 2);
      }};
  evaluate<CartPole>(puppet, {.episodes = 6, .seed = 1, .horizon = 300});
}

TEST_CASE("an environment of other sizes is refused by name", "[train][evaluate]") {
  Puppet<Continuous> puppet{{17, 6, 0, at::kCPU}, {}};
  CHECK_THROWS_WITH(evaluate<Pendulum>(puppet),
                    Catch::Contains(Pendulum::name) && Catch::Contains("17") && Catch::Contains("3"));
  Puppet<Continuous> fits{{3, 1, 0, at::kCPU}, [](const at::Tensor& x) { return at::zeros({x.size(0), 1}); }};
  CHECK_THROWS_WITH(evaluate<Pendulum>(fits, {.episodes = 0}), Catch::Contains("episodes"));
}

namespace {
template <class Agent>
std::vector<at::Tensor> buffers(Agent& agent) {
  std::vector<at::Tensor> all;
  agent.each_buffer([&](const std::string&, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) all.push_back(x.clone());
  });
  return all;
}
bool equal(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return at::equal(x, y); });
}
}  // namespace

TEST_CASE("equal seeds give equal learners, bit for bit", "[train]") {
  const auto data = builtin_dataset("pendulum-mixed");
  const auto run = [&](std::uint64_t seed, bool interrupted) {
    Iql::params p;
    for (auto* net : {&p.policy.net, &p.critic.net, &p.value.net}) net->hidden = {32, 32};
    Iql agent(data, p, {.seed = seed});
    if (interrupted)
      train(agent, data, {.updates = 30, .batch = 64, .after_update = [](std::int64_t done) { return done < 11; }});
    at::rand({10});  // others may draw
    train(agent, data, {.updates = 30, .batch = 64});
    CHECK(agent.updates() == 30);
    return buffers(agent);
  };
  const auto one = run(1, false);
  CHECK(one.size() > 5);
  CHECK(equal(run(1, false), one));
  CHECK(equal(run(1, true), one));
  CHECK_FALSE(equal(run(2, false), one));
}
