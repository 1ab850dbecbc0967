#include <tessera/data/model_rollouts.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <tessera/algorithms/morel_npg.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
/// A line along which every step adds one, whatever the action, and is paid what the state is.  The task ends at 11;
/// two members disagree at 21; at 31 the model gives no number.
struct Line {
  using role = role::dynamics_model;
  struct params {
    std::int64_t elites = 2;
    static constexpr doc docs[] = {{"elites", ""}};
  };
  using needs = all_of<>;
  static inline std::vector<at::Tensor> met;  ///< the actions that it was asked about

  template <class Step, class T = typename Step::tensor>
  static Prediction<T> members(const params&, Step&, const T& s, const T&) {
    if constexpr (requires { s.eq(1); }) {
      const T mean =
          at::cat({at::where(s.eq(31), at::full_like(s, std::numeric_limits<double>::quiet_NaN()), s + 1), s}, 1);
      const T other = mean + at::cat({s.eq(21).to(at::kFloat), s * 0}, 1);
      return {at::stack({mean, other}), at::zeros({2, s.size(0), 2}), at::stack({s, s}).squeeze(-1) * 0 - 1};
    } else {
      return {};
    }
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params&, Step&, const T& s, const T& a, const Prediction<T>& prediction) {
    met.push_back(a);
    return {prediction.means[0].narrow(1, 0, 1), prediction.means[0].select(1, 1),
            at::where(s.eq(11), at::zeros_like(s), at::ones_like(s)).squeeze(1)};
  }
  template <class Step, class T = typename Step::tensor>
  static imagined<T> imagine(const params& h, Step& step, const T& s, const T& a) {
    return imagine(h, step, s, a, members(h, step, s, a));
  }
};
/// V(s) = 10 s, with gamma = lambda = 1/2.
struct Tenfold : NetworkValue {
  struct params {
    MlpOptions net{};
    AdamOptions adam{};
    double discount = 0.5, lambda = 0.5;
    static constexpr doc docs[] = {{"net", "the network"},
                                   {"adam", "its optimizer"},
                                   {"discount", "gamma", 0, 1},
                                   {"lambda", "of the returns", 0, 1}};
  };
  using needs = all_of<>;
  using reads = columns<column::returns>;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    return {"value/none", step.v(now).mean()};
  }
  template <class Step>
  static typename Step::tensor estimate(const params&, Step& step, place where) {
    return step.state(where).select(1, 0) * 10;
  }
  template <class Step>
  static typename Step::tensor advantage(const params& h, Step& step) {
    return step.returns() - estimate(h, step, now);
  }
};
struct OnTheLine : recipe<policy<GaussianPolicy>, value<Tenfold>, actor<NaturalPolicyGradient>, dynamics<Line>,
                          uncertainty<HaltAbove<Disagreement>>, data<ModelRollouts>, schedule<ActorFirst>> {};

/// Episodes of two steps from 0, 10, 20 and 30, in which 11, 21 and 31 are seen as last states alone; the least reward
/// is -7.
Dataset four_episodes() {
  Dataset d;
  d.name = "line", d.format = "test", d.observation_size = 1, d.action_size = 1, d.action_low = {-2},
  d.action_high = {2};
  for (std::int64_t e = 0; e < 4; ++e) {
    const auto first = std::int64_t(d.observations.size());
    for (float x : {0.0f, 0.5f, 1.0f}) d.observations.push_back(10 * float(e) + x);
    for (std::int64_t i = 0; i < 2; ++i) {
      d.observation_row.push_back(first + i), d.next_observation_row.push_back(first + i + 1);
      d.actions.push_back(0), d.rewards.push_back(e == 0 && i == 0 ? -7.0f : 1.0f), d.terminals.push_back(0),
          d.timeouts.push_back(i == 1);
    }
    d.episodes.push_back({2 * e, 2, 3, 0, 0, true});
  }
  return d;
}
template <class Agent>
Replay begin(Agent& agent, const Dataset& data) {
  auto replay = replay_for(agent, data, agent.transitions());
  agent.start(replay);
  return replay;
}
template <class Agent>
double metric(const Agent& agent, const std::string& name) {
  for (const auto& m : agent.metrics())
    if (m.name == name) return m.value.template item<double>();
  FAIL("no metric " << name);
  return 0;
}

struct InPendulum : recipe<policy<GaussianPolicy>, value<RolloutBaseline>, actor<NaturalPolicyGradient>,
                           dynamics<TrueDynamics<Pendulum>>, data<ModelRollouts>, schedule<ActorFirst>,
                           defaults<recipes::MorelNpgDefaults>> {};
const Dataset& pendulum() {
  static const auto data = builtin_dataset("pendulum-random");
  return data;
}
template <class R>
params_of<R> small() {
  params_of<R> p;
  p.policy.net.hidden = {16}, p.value.net.hidden = {16}, p.value.minibatch = 16;
  p.actor.cloning_steps = 0, p.data.rollouts = 6, p.data.horizon = 5;
  if constexpr (requires { p.dynamics.members; })
    p.dynamics.net.hidden = {8}, p.dynamics.members = 3, p.dynamics.elites = 2, p.dynamics.max_epochs = 1;
  return p;
}
}  // namespace

TEST_CASE("returns of paths that end, halt, diverge, and are cut, by hand", "[model]") {
  const auto data = four_episodes();
  params_of<OnTheLine> p;
  p.data.standardize = false, p.data.rollouts = 40, p.data.horizon = 3;
  learner<OnTheLine> agent(data, p);
  const auto replay = begin(agent, data);
  agent.refill(replay);
  const auto b = agent.batch_for(replay, 1, 7);
  // G = r + 1/2 m (1/2 V(s') + 1/2 G'),  V(s) = 10 s,  r = s:
  //   from 0, cut by the horizon:   2 + 15,                  1 + 1/2 (10 + 17/2),       0 + 1/2 (5 + 10.25/2)
  //   from 10, the task ends at 11: 11,                      10 + 1/2 (55 + 11/2)
  //   from 20, HALT at 21:          21 + 1/2 (-7) / (1/2),   20 + 1/2 (105 + 14/2)
  //   from 30, diverges at 31:      30 + 1/2 310
  const std::map<double, double> wanted{{0, 5.0625}, {1, 10.25}, {2, 17},  {10, 40.25},
                                        {11, 11},    {20, 76},   {21, 14}, {30, 185}};
  const std::map<double, double> rewards{{0, 0}, {1, 1}, {2, 2}, {10, 10}, {11, 11}, {20, 20}, {21, 14}, {30, 30}};
  std::map<double, int> count;
  for (std::int64_t i = 0; i < b.rewards.size(0); ++i) {
    const double s = b.observations[i][0].item<double>();
    INFO("s = " << s);
    REQUIRE(wanted.contains(s));
    ++count[s];
    CHECK(number(b.get<column::returns>()[i].to(at::kDouble)) == Approx(wanted.at(s)));
    CHECK(number(b.rewards[i].to(at::kDouble)) == Approx(rewards.at(s)));
    CHECK(b.not_done[i].item<double>() == (s == 11 || s == 21 ? 0 : 1));
    CHECK(b.next_observations[i][0].item<double>() == s + 1);
  }
  CHECK(count.size() == wanted.size());
  CHECK((count[0] == count[1] && count[1] == count[2] && count[10] == count[11] && count[20] == count[21]));
  CHECK(count[0] + count[10] + count[20] + count[30] == 40);
  CHECK(b.logged == 0);

  // What happened is reported, in parts of the paths.
  agent.update(b);
  CHECK(metric(agent, "data/ended") == Approx((count[10] + count[20]) / 40.0));
  CHECK(metric(agent, "data/diverged") == Approx(count[30] / 40.0));
  CHECK(metric(agent, "data/rollout_length") == Approx(double(b.rewards.size(0)) / 40));
  CHECK(metric(agent, "data/uncertainty") == Approx(count[21] / double(b.rewards.size(0))));
}

TEST_CASE("a batch has the policy's actions as its density takes them, and the model meets them clipped", "[model]") {
  const auto data = four_episodes();
  params_of<OnTheLine> p;
  p.data.standardize = false, p.data.rollouts = 400, p.data.horizon = 1;
  learner<OnTheLine> agent(data, p);
  const auto replay = begin(agent, data);
  Line::met.clear();
  agent.refill(replay);
  const auto b = agent.batch_for(replay, 1, 7);
  CHECK(b.actions.abs().max().item<double>() > 1.5);  // sigma is 1
  REQUIRE(Line::met.size() == 1);
  CHECK(close(Line::met[0], 2 * b.actions.clamp(-1, 1), 1e-6));  // the task's actions are in [-2, 2]
  CHECK((b.actions - agent.act(b.observations) / 2).std().item<double>() == Approx(1).epsilon(0.15));
  CHECK((b.actions - agent.act(b.observations) / 2).mean().item<double>() == Approx(0).margin(0.2));
}

TEST_CASE("paths begin where episodes do, or half of them anywhere", "[model]") {
  const auto data = four_episodes();
  params_of<OnTheLine> p;
  p.data.standardize = false, p.data.rollouts = 101, p.data.horizon = 1;
  const auto starts = [&](rollout_starts where) {
    p.data.start = where;
    learner<OnTheLine> agent(data, p);
    const auto replay = begin(agent, data);
    agent.refill(replay);
    return agent.batch_for(replay, 1, 7).observations.squeeze(1);
  };
  CHECK(starts(rollout_starts::init).remainder(10).abs().max().item<float>() == 0);
  const auto mixed = starts(rollout_starts::buffer);
  CHECK(mixed.narrow(0, 0, 51).remainder(10).abs().max().item<float>() == 0);
  CHECK(mixed.narrow(0, 51, 50).remainder(10).mean().item<double>() == Approx(0.25).margin(0.15));  // 0 or a half
  // Where no episode's beginning was chosen, all will do.
  learner<OnTheLine> agent(data, p);
  const auto later = replay_for(agent, data, {1, 3, 5});
  CHECK(later.sample_starts(0, 1, 50).observations.remainder(10).eq(0.5).all().item<bool>());
  const auto some = replay_for(agent, data, {1, 2, 3});
  CHECK(some.sample_starts(0, 1, 50).observations.eq(10).all().item<bool>());
}

TEST_CASE("a path is a chain of the model's transitions, imagined anew for each update", "[model]") {
  const auto p = small<InPendulum>();
  learner<InPendulum> agent(pendulum(), p, {.seed = 2}), same(pendulum(), p, {.seed = 2}),
      other(pendulum(), p, {.seed = 3});
  auto replay = begin(agent, pendulum());
  begin(same, pendulum()), begin(other, pendulum());
  CHECK_THROWS_WITH(agent.batch_for(replay, 1, 8), Catch::Contains("refill before each update"));
  for (auto* a : {&agent, &same, &other}) a->refill(replay);
  const auto b = agent.batch_for(replay, 1, 8);
  REQUIRE(b.observations.sizes() == at::IntArrayRef({30, 3}));
  CHECK(at::equal(b.observations.narrow(0, 6, 24), b.next_observations.narrow(0, 0, 24)));  // six paths, step by step
  CHECK(at::equal(same.batch_for(replay, 1, 8).actions, b.actions));
  CHECK_FALSE(at::equal(other.batch_for(replay, 1, 8).actions, b.actions));
  // Each step is the pendulum's.
  const auto& units = agent.units();
  const auto s = units.task_observations(b.observations).contiguous(),
             a = units.actions(b.actions.clamp(-1, 1)).contiguous();
  Pendulum env(30);
  for (std::int64_t i = 0; i < 30; ++i) env.show(std::size_t(i), s.data_ptr<float>() + 3 * i);
  std::vector<float> rewards(30);
  std::vector<std::uint8_t> over(30);
  env.step(a.data_ptr<float>(), rewards.data(), over.data());
  CHECK(close(units.task_observations(b.next_observations),
              at::from_blob(const_cast<float*>(env.observations()), {30, 3}), 1e-4));
  CHECK(close(b.rewards, torch::tensor(rewards), 1e-4));

  agent.update(b);
  CHECK_THROWS_AS(agent.batch_for(replay, 2, 8), Error);
  agent.refill(replay);
  CHECK_FALSE(at::equal(agent.batch_for(replay, 2, 8).observations, b.observations));
}

TEST_CASE("returns are values of the policy, as far as the baseline goes", "[model]") {
  // With lambda = 1 and paths of one step, G = r + gamma V(s'); the advantage is that of one step.
  auto p = small<InPendulum>();
  p.data.horizon = 1, p.value.discount = 0.9;
  learner<InPendulum> agent(pendulum(), p);
  const auto replay = begin(agent, pendulum());
  agent.refill(replay);
  const auto b = agent.batch_for(replay, 1, 8);
  at::Tensor parameters;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
      if (name == "value/parameters") parameters = x;
  });
  const nn::Mlp mlp(p.value.net, 3, 1, head_layout::value());
  const auto v = 10 * mlp.forward(mlp.look(parameters), b.next_observations).squeeze(0).squeeze(-1);
  CHECK(close(b.get<column::returns>(), b.rewards + 0.9 * v, 1e-4));
}

TEST_CASE("a planner with a perfect model learns to swing up", "[model]") {
  auto p = small<InPendulum>();
  p.policy.net.hidden = {32, 32}, p.value.net.hidden = {64, 64}, p.value.minibatch = 256;
  p.data.rollouts = 30, p.data.horizon = 100, p.value.passes = 8, p.value.discount = 0.95, p.actor.kl = 0.03;
  learner<InPendulum> agent(pendulum(), p);
  const auto before = evaluate<Pendulum>(agent, {.episodes = 20}).mean();
  train(agent, pendulum(), {.updates = 20});
  const auto after = evaluate<Pendulum>(agent, {.episodes = 20}).mean();
  CHECK(before < -900);
  CHECK(after > -400);
}

TEST_CASE("an interrupted run of paths goes on as it would have", "[model]") {
  auto p = small<recipes::MorelNpg>();
  p.actor.cloning_steps = 3;
  const auto run = [&](MorelNpg& agent, std::int64_t to) {
    train(agent, replay_for(agent, pendulum(), agent.transitions()), {.updates = to});
  };
  MorelNpg whole(pendulum(), p, {.seed = 1}), parts(pendulum(), p, {.seed = 1});
  fit_dynamics(whole, pendulum()), fit_dynamics(parts, pendulum());
  run(whole, 5);
  run(parts, 2);
  const auto path = (std::filesystem::temp_directory_path() / "tessera_model_paths.safetensors").string();
  save_checkpoint(parts, path);
  auto resumed = load_checkpoint<MorelNpg>(path);
  std::filesystem::remove(path);
  train(resumed, replay_for(resumed, pendulum(), parts.transitions()), {.updates = 5});
  std::vector<std::pair<std::string, at::Tensor>> a, b;
  const auto collect = [](auto& agent, auto& into) {
    agent.each_buffer([&](const std::string& name, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) into.emplace_back(name, x.clone());
      else into.emplace_back(name, at::full({}, x, at::kLong));
    });
  };
  collect(whole, a), collect(resumed, b);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].first);
    CHECK(at::equal(a[i].second, b[i].second));
  }
}

TEST_CASE("a model that diverges at once is an error", "[model]") {
  MorelNpg agent(pendulum(), small<recipes::MorelNpg>());
  agent.dynamics().trained.value = 1;
  const auto replay = begin(agent, pendulum());
  auto rows = at::zeros_like(agent.dynamics().net.parameters());
  rows.select(1, agent.dynamics().net.mlp().layers().back().bias).fill_(std::nan(""));
  agent.dynamics().net.assign(rows);
  CHECK_THROWS_WITH(agent.refill(replay), Catch::Contains("the dynamics model diverged"));
}
