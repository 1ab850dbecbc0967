#include <tessera/data/model_augmented.hpp>

#include <tessera/actor/fixed_temperature_maximize_q.hpp>
#include <tessera/algorithms/combo.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/morel.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/policy/categorical.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/select/sample.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include <cmath>
#include <filesystem>
#include <limits>

#include "helpers/tensors.hpp"

using namespace tessera;
using namespace support;

namespace {
struct InPendulum : recipes::Sac::with<dynamics<TrueDynamics<Pendulum>>, data<ModelAugmented>> {};
struct Sampled : InPendulum::with<tessera::select<Sample>> {};
struct InCartPole : recipe<policy<CategoricalPolicy>, critic<SoftBackup>, actor<FixedTemperatureMaximizeQ>,
                           dynamics<TrueDynamics<CartPole>>, data<ModelAugmented>> {};

const Dataset& pendulum() {
  static const auto data = builtin_dataset("pendulum-random");
  return data;
}
template <class R>
params_of<R> small() {
  params_of<R> p;
  p.policy.net.hidden = {16}, p.critic.net.hidden = {16};
  p.data.rollout_batch = 40, p.data.horizon = 3, p.data.rollout_every = 4, p.data.retain = 2;
  if constexpr (requires { p.dynamics.members; })
    p.dynamics.net.hidden = {8}, p.dynamics.members = 3, p.dynamics.elites = 2, p.dynamics.max_epochs = 1;
  return p;
}
/// The imagined rows that an agent holds, and how many of them there are.
template <class Agent>
at::Tensor imagined_rows(Agent& agent) {
  at::Tensor rows;
  std::int64_t filled = 0;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) {
      if (name == "imagined/rows") rows = x.clone();
    } else if (name == "imagined/filled") {
      filled = x;
    }
  });
  return rows.narrow(0, 0, filled);
}
template <class Agent>
Replay begin(Agent& agent, const Dataset& data) {
  auto replay = replay_for(agent, data, agent.transitions());
  agent.start(replay);
  return replay;
}
}  // namespace

TEST_CASE("imagined transitions are those of the model, from logged states by the policy", "[model]") {
  learner<InPendulum> agent(pendulum(), small<InPendulum>(), {.seed = 3});
  const auto replay = begin(agent, pendulum());
  CHECK(ModelAugmented::due(agent.hyperparameters().data, agent.updates()));
  agent.refill(replay);
  const auto rows = imagined_rows(agent);  // (s, a, r, m, s') in the learner's units
  REQUIRE(rows.sizes() == at::IntArrayRef({120, 9}));
  const auto& units = agent.units();
  const auto s = units.task_observations(rows.narrow(1, 0, 3)), a = units.actions(rows.narrow(1, 3, 1)).contiguous(),
             next_s = units.task_observations(rows.narrow(1, 6, 3));
  // The first 40 begin in the log, the next 40 go on where they ended, and so the last.
  CHECK(at::equal(rows.narrow(0, 40, 80).narrow(1, 0, 3), rows.narrow(0, 0, 80).narrow(1, 6, 3)));
  const auto logged = replay.all().observations;
  for (std::int64_t i = 0; i < 40; ++i) CHECK((logged == rows[i].narrow(0, 0, 3)).all(-1).any().item<bool>());
  // Each is a step of the pendulum.
  Pendulum env(120);
  const auto from = s.contiguous();
  for (std::int64_t i = 0; i < 120; ++i) env.show(std::size_t(i), from.data_ptr<float>() + 3 * i);
  std::vector<float> rewards(120);
  std::vector<std::uint8_t> over(120);
  env.step(a.data_ptr<float>(), rewards.data(), over.data());
  CHECK(close(next_s, at::from_blob(const_cast<float*>(env.observations()), {120, 3}), 1e-4));
  CHECK(close(units.task_rewards(rows.select(1, 4)), torch::tensor(rewards), 1e-4));
  CHECK(rows.select(1, 5).min().item<float>() == 1);
  CHECK(rows.narrow(1, 3, 1).abs().max().item<float>() <= 1);
  CHECK(rows.select(1, 3).std().item<float>() > 0.1);  // the policy's samples, not its mode
}

TEST_CASE("the buffer is bounded, and keeps the newest", "[model]") {
  learner<InPendulum> agent(pendulum(), small<InPendulum>());
  const auto replay = begin(agent, pendulum());
  agent.refill(replay);
  const auto first = imagined_rows(agent);
  for (int k = 0; k < 4; ++k)
    agent.update(agent.batch_for(replay, k + 1, 16));  // the policy moves, and the next time draws other states
  agent.refill(replay);
  const auto both = imagined_rows(agent);
  CHECK(both.size(0) == 240);
  CHECK(at::equal(both.narrow(0, 0, 120), first));
  for (int k = 0; k < 4; ++k) agent.update(agent.batch_for(replay, k + 5, 16));
  agent.refill(replay);
  const auto after = imagined_rows(agent);
  CHECK(after.size(0) == 240);
  CHECK(at::equal(after.narrow(0, 120, 120), both.narrow(0, 120, 120)));
  CHECK_FALSE(at::equal(after.narrow(0, 0, 120), first));
}

TEST_CASE("branches are imagined on schedule", "[model]") {
  learner<InPendulum> agent(pendulum(), small<InPendulum>());
  auto replay = begin(agent, pendulum());
  std::vector<std::int64_t> at_update;
  for (int k = 0; k < 9; ++k) {
    if (ModelAugmented::due(agent.hyperparameters().data, agent.updates()))
      at_update.push_back(agent.updates()), agent.refill(replay);
    agent.update(agent.batch_for(replay, agent.updates() + 1, 8));
  }
  CHECK(at_update == std::vector<std::int64_t>{0, 4, 8});
}

TEST_CASE("a batch is logged first, then imagined, in the asked ratio", "[model]") {
  auto p = small<InPendulum>();
  p.data.real_ratio = 0.25;
  learner<InPendulum> agent(pendulum(), p);
  const auto replay = begin(agent, pendulum());
  agent.refill(replay);
  const auto b = agent.batch_for(replay, 1, 64);
  CHECK(b.logged == 16);
  const auto logged = replay.all().observations, imagined = imagined_rows(agent);
  const auto member = [](const at::Tensor& row, const at::Tensor& of) {
    return (of == row).all(-1).any().item<bool>();
  };
  for (std::int64_t i = 0; i < 64; ++i) {
    const auto row =
        at::cat({b.observations[i], b.actions[i], b.rewards[i].view(1), b.not_done[i].view(1), b.next_observations[i]});
    CHECK(member(row, imagined) == (i >= 16));
    if (i < 16) CHECK(member(b.observations[i], logged));
  }
  CHECK(at::equal(agent.batch_for(replay, 1, 64).observations, b.observations));
  CHECK_FALSE(at::equal(agent.batch_for(replay, 2, 64).observations, b.observations));

  p.data.real_ratio = 1;
  learner<InPendulum> plain(pendulum(), p);
  CHECK_FALSE(ModelAugmented::due(plain.hyperparameters().data, plain.updates()));
  CHECK(plain.batch_for(replay, 1, 64).logged == batch<at::Tensor>::everything);
  CHECK(at::equal(plain.batch_for(replay, 1, 64).observations, replay.sample(0, 1, 64).observations));
}

TEST_CASE("branches stop where the task ends", "[model]") {
  const auto data = builtin_dataset("cartpole-mixed");
  auto p = small<InCartPole>();
  p.data.horizon = 60, p.data.uniform_actions = true, p.data.standardize = false;
  learner<InCartPole> agent(data, p);
  const auto replay = begin(agent, data);
  agent.refill(replay);
  const auto rows = imagined_rows(agent);
  CHECK(rows.size(0) < 40 * 60);
  const auto ended = rows.select(1, 6) == 0;  // (4 of s, a, r, m, 4 of s')
  CHECK(ended.sum().item<std::int64_t>() > 20);
  const auto fallen = [](const at::Tensor& s) {
    return (s.select(1, 0).abs() > 2.4) + (s.select(1, 2).abs() > 12 * M_PI / 180);
  };
  CHECK(at::equal(ended, fallen(rows.narrow(1, 7, 4))));         // marked where it is over ...
  CHECK_FALSE(fallen(rows.narrow(1, 0, 4)).any().item<bool>());  // ... and never left from there
  // Discrete actions are uniform over both.
  CHECK(rows.select(1, 4).mean().item<double>() == Approx(0.5).margin(0.1));
  const auto b = agent.batch_for(replay, 1, 32);
  CHECK(b.actions.scalar_type() == at::kLong);
}

TEST_CASE("a diverging model is caught, cut and reported", "[model]") {
  auto p = small<recipes::Mopo>();
  p.data.horizon = 4, p.data.rollout_every = 1;
  Mopo agent(pendulum(), p);
  agent.dynamics().trained.value = 1;
  const auto replay = begin(agent, pendulum());
  const auto& last = agent.dynamics().net.mlp().layers().back();
  const auto numbers = [&](double change) {
    auto rows = at::zeros_like(agent.dynamics().net.parameters());
    rows.select(1, last.bias).fill_(change);      // of cos(angle), logged in [-1, 1]
    rows.narrow(1, last.bias + 4, 4).fill_(-30);  // without noise
    agent.dynamics().net.assign(rows);
  };
  // 4 a step: two steps stay within 5 widths of 2, from -1 .. 1 to less than 11; the third may not.
  numbers(4.0);
  agent.refill(replay);
  const auto rows = imagined_rows(agent);
  CHECK(rows.size(0) < 40 * 4);
  CHECK(agent.units().task_observations(rows.narrow(1, 6, 3)).select(1, 0).max().item<float>() <= 11.01);
  CHECK(at::isfinite(rows).all().item<bool>());
  agent.update(agent.batch_for(replay, 1, 8));
  double diverged = 0, uncertainty = -1;
  for (const auto& m : agent.metrics()) {
    if (std::string(m.name) == "data/diverged") diverged = m.value.item<double>();
    if (std::string(m.name) == "data/uncertainty") uncertainty = m.value.item<double>();
  }
  CHECK(diverged > 0);
  CHECK(uncertainty > 0);
  numbers(std::nan(""));
  CHECK_THROWS_WITH(agent.refill(replay), Catch::Contains("the dynamics model diverged"));
  CHECK(at::isfinite(imagined_rows(agent)).all().item<bool>());
}

TEST_CASE("a number that the log never varies has no range to leave", "[model]") {
  auto data = pendulum();
  for (std::size_t i = 0; i < data.observations.size(); i += 3)
    data.observations[i] = i % 2 == 0 ? 0.1f : std::nextafter(0.1f, 1.f);
  for (const bool standardize : {true, false}) {
    auto p = small<recipes::Mopo>();
    p.data.standardize = standardize, p.data.cut_range = 0.5;
    Mopo agent(data, p);
    agent.dynamics().trained.value = 1;
    const auto replay = begin(agent, data);
    const auto& last = agent.dynamics().net.mlp().layers().back();
    auto rows = at::zeros_like(agent.dynamics().net.parameters());
    rows.narrow(1, last.bias + 4, 4).fill_(-30);  // nothing moves
    rows.select(1, last.bias).fill_(0.25);        // but what the log never moves
    agent.dynamics().net.assign(rows);
    agent.refill(replay);
    CHECK(imagined_rows(agent).size(0) == 40 * 3);
    // That it is a number is still asked.
    rows.select(1, last.bias).fill_(std::numeric_limits<float>::infinity());
    agent.dynamics().net.assign(rows);
    CHECK_THROWS_WITH(agent.refill(replay), Catch::Contains("the dynamics model diverged"));
  }
}

TEST_CASE("an interrupted model-based run goes on as it would have", "[model]") {
  auto p = small<recipes::Morel>();
  p.data.real_ratio = 0.5;
  const auto run = [&](Morel& agent, std::int64_t to) {
    train(agent, replay_for(agent, pendulum(), agent.transitions()), {.updates = to, .batch = 16});
  };
  Morel whole(pendulum(), p, {.seed = 1}), parts(pendulum(), p, {.seed = 1});
  fit_dynamics(whole, pendulum()), fit_dynamics(parts, pendulum());
  run(whole, 11);
  run(parts, 6);
  const auto path = (std::filesystem::temp_directory_path() / "tessera_model_run.safetensors").string();
  save_checkpoint(parts, path);
  auto resumed = load_checkpoint<Morel>(path);
  std::filesystem::remove(path);
  train(resumed, replay_for(resumed, pendulum(), parts.transitions()), {.updates = 11, .batch = 16});
  std::vector<at::Tensor> a, b;
  const auto collect = [](auto& agent, auto& into) {
    agent.each_buffer([&](const std::string&, auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) into.push_back(x.clone());
    });
  };
  collect(whole, a), collect(resumed, b);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(at::equal(a[i], b[i]));
}

TEST_CASE("with a perfect model and no penalty, imagined experience is online experience", "[model]") {
  // What 4000 copies of the pendulum go through by the same policy, in the environment and in its model: distributions
  // of what is seen after every step.  Standard errors are those of 4000 independent copies.
  const std::int64_t copies = 4000;
  auto p = small<InPendulum>();
  p.data.rollout_batch = copies, p.data.horizon = 6, p.data.retain = 1;
  learner<InPendulum> agent(pendulum(), p, {.seed = 5});
  const auto replay = begin(agent, pendulum());
  agent.refill(replay);
  const auto rows = imagined_rows(agent);
  REQUIRE(rows.size(0) == copies * p.data.horizon);

  Pendulum env(copies);
  const auto start = replay.sample(99, 1, copies).observations;  // other logged states, other noise
  const auto in_task = agent.units().task_observations(start).contiguous();
  for (std::int64_t i = 0; i < copies; ++i) env.show(std::size_t(i), in_task.data_ptr<float>() + 3 * i);
  params_of<Sampled> q;
  q.policy = p.policy, q.critic = p.critic, q.data = p.data;
  learner<Sampled> actor(pendulum(), q, {.seed = 5});  // the same initial policy, drawn from
  std::vector<float> rewards(static_cast<std::size_t>(copies));
  std::vector<std::uint8_t> over(static_cast<std::size_t>(copies));
  for (std::int64_t t = 0; t < p.data.horizon; ++t) {
    const auto s = at::from_blob(const_cast<float*>(env.observations()), {copies, 3}).clone();
    const auto a = actor.act(s, 1000 + t).contiguous();
    env.step(a.data_ptr<float>(), rewards.data(), over.data());
    const auto seen = at::cat({s, a, torch::tensor(rewards).view({-1, 1})}, 1);
    const auto mine = rows.narrow(0, t * copies, copies);
    const auto imagined = at::cat({agent.units().task_observations(mine.narrow(1, 0, 3)),
                                   agent.units().actions(mine.narrow(1, 3, 1)), mine.narrow(1, 4, 1)},
                                  1);
    for (const auto power : {1, 2}) {
      const auto x = seen.to(at::kDouble).pow(power), y = imagined.to(at::kDouble).pow(power);
      const auto error = ((x.var(0) + y.var(0)) / double(copies)).sqrt();
      CHECK(((x.mean(0) - y.mean(0)).abs() / error).max().item<double>() < 4.5);
    }
  }
}
