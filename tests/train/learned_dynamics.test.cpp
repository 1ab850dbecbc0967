#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "helpers/files.hpp"
#include "helpers/linear_model.hpp"
#include "helpers/safetensors.hpp"

#include <tessera/algorithms/mopo.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/dynamics/true_dynamics.hpp>
#include <tessera/dynamics_file.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/fit_dynamics.hpp>

using namespace tessera;
using Catch::Matchers::Contains;

// A model of a user's own in the places of the library's: MOPO with its members' uncertainty, and a recipe that asks
// for no members.
struct LinearMopo : recipes::Mopo::with<dynamics<LinearEnsemble>> {};
struct LinearImagination : recipes::Sac::with<dynamics<LinearModel>, tessera::data<ModelAugmented>> {};
static_assert(LearnedDynamics<LinearModel> && !EnsembleDynamics<LinearModel> && EnsembleDynamics<LinearEnsemble>);
static_assert(!LearnedDynamics<TrueDynamics<Pendulum>>);
static_assert(Composable<LinearMopo> && Composable<LinearImagination>);
static_assert(!Composable<recipes::Mopo::with<dynamics<LinearModel>>>);  // its penalty asks members

namespace {
template <class D>
using State = typename D::template state<torch_backend>;

/// Four episodes of 30 steps:  s' = s + 0.5 a - 0.1,  r = 2 s - a + 3;  the task does not end.
Dataset straight() {
  Dataset d;
  d.name = "straight", d.format = "test", d.observation_size = 1, d.action_size = 1, d.action_low = {-1},
  d.action_high = {1};
  for (int e = 0; e < 4; ++e) {
    const auto first = d.size();
    float s = float(e);
    for (int t = 0; t < 30; ++t) {
      const float a = std::sin(float(7 * e + 3 * t)), after = s + 0.5f * a - 0.1f;
      d.observation_row.push_back(std::int64_t(d.observations.size())), d.observations.push_back(s);
      d.next_observation_row.push_back(std::int64_t(d.observations.size())), d.observations.push_back(after);
      d.actions.push_back(a), d.rewards.push_back(2 * s - a + 3), d.terminals.push_back(0),
          d.timeouts.push_back(t == 29);
      s = after;
    }
    d.episodes.push_back({first, 30, 30, 0, 0, true});
  }
  return d;
}
problem_spec<torch_backend> problem_of(const Dataset& d) {
  return {d.observation_size, d.action_size, 0, at::kCPU, d.kind == action_kind::discrete};
}
std::vector<std::int64_t> all_rows(const Dataset& d) {
  std::vector<std::int64_t> rows(std::size_t(d.size()));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}
template <class A>
typename A::params small() {
  typename A::params p;
  p.policy.net.hidden = {8}, p.critic.net.hidden = {8};
  p.data.rollout_batch = 40, p.data.rollout_every = 3, p.data.horizon = 2;
  return p;
}
template <class D>
void require_equal(State<D>& a, State<D>& b) {
  CHECK(at::equal(a.weights.value, b.weights.value));
  CHECK(at::equal(a.stds.value, b.stds.value));
  CHECK(at::equal(a.errors.value, b.errors.value));
  CHECK(a.trained.value == b.trained.value);
}
}  // namespace

TEST_CASE("a model of a user's own is fitted to the transitions that are not held out", "[learned_dynamics]") {
  auto data = straight();
  LinearModelParams h;
  h.ridge = 0, h.holdout_rows = 30;
  // What is held out is another task: had it been learned from, the fit would be off.
  const auto split = hold_out(data, h.holdout, h.holdout_rows, 0);
  REQUIRE((split.held.size() == 30 && split.train.size() == 90));
  for (const auto i : split.held) data.rewards[std::size_t(i)] = 100;
  State<LinearModel> model(h, problem_of(data));
  std::int64_t epochs = 0, steps = 0;
  fit_dynamics<LinearModel>(
      h, model, data, [&](const DynamicsEpoch& e) { return epochs = e.epoch, e.errors.size() == 3; },
      [&](std::int64_t, std::int64_t done, std::int64_t all) { return steps = done, all == 3; });
  CHECK((epochs == 1 && steps == 3 && model.trained.value == 1));
  // W = [[0, 2], [0.5, -1], [-0.1, 3]], whatever the bootstrap sample.
  const auto expected = at::tensor({0.0f, 2.0f, 0.5f, -1.0f, -0.1f, 3.0f}).view({3, 2});
  for (std::int64_t i = 0; i < 3; ++i)
    CHECK((model.weights.value.select(0, i) - expected).abs().max().item<float>() < 2e-4f);

  // The same data and settings, the same numbers; another seed, another sample.
  State<LinearModel> again(h, problem_of(data)), other(h, problem_of(data));
  fit_dynamics<LinearModel>(h, again, data);
  require_equal<LinearModel>(model, again);
  h.seed = 1, h.ridge = 0.1;
  fit_dynamics<LinearModel>(h, other, data);
  CHECK(!at::equal(model.weights.value, other.weights.value));
}

TEST_CASE("a model of a user's own is measured by what it predicts", "[learned_dynamics]") {
  // Predicts that nothing moves and that the reward is 1, each to within 2: by hand.  Three rows: s = 0, 1, 3, of
  // changes 1, 2, -1 and rewards 1, 2, 6.
  Dataset d;
  d.name = "by hand", d.format = "test", d.observation_size = 1, d.action_size = 1, d.action_low = {-1},
  d.action_high = {1};
  d.observations = {0, 1, 3, 2}, d.observation_row = {0, 1, 2}, d.next_observation_row = {1, 2, 3};
  d.actions = {0, 0, 0}, d.rewards = {1, 2, 6}, d.terminals = {0, 0, 1}, d.timeouts = {0, 0, 0};
  d.episodes = {{0, 3, 3, 0, 0, true}};
  LinearModelParams h;
  h.members = h.elites = 2;
  State<LinearModel> model(h, problem_of(d));
  model.weights.value.select(-1, 1).select(-1, 2).fill_(1);
  model.stds.value.fill_(2);
  const auto one = one_step_errors<LinearModel>(h, model, d, all_rows(d));
  CHECK(one.rmse[0] == Approx(std::sqrt((1 + 4 + 1) / 3.0)));
  CHECK(one.rmse[1] == Approx(std::sqrt((0 + 1 + 25) / 3.0)));
  // Over the variance of the changes, 14 / 9, and of the rewards, 14 / 3: it does not say what it was trained on.
  CHECK(one.normalized[0] == Approx(2 / (14 / 9.0)));
  CHECK(one.normalized[1] == Approx(26 / 3.0 / (14 / 3.0)));
  CHECK((one.calibration[0] == Approx(0.5) && one.calibration[1] == Approx(26 / 12.0)));
  CHECK((one.missed_ends == 1 && one.false_ends == 0));
  // Two steps from s = 0, the only start: still at 0 where the log is at 1, then at 3.
  const auto open = open_loop_errors<LinearModel>(h, model, d, {0}, 3);
  CHECK(open.starts == 1);
  CHECK((open.model[0][0] == Approx(1) && open.model[1][0] == Approx(3) && open.model[2][0] == Approx(2)));
  CHECK(open.model[2][1] == Approx(5));
}

TEMPLATE_TEST_CASE("an algorithm of a user's model is fitted, saved, loaded and resumed", "[learned_dynamics]",
                   learner<LinearMopo>, learner<LinearImagination>) {
  using Agent = TestType;
  using D = typename Agent::recipe_type::template get<dynamics>;
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-narrow");
  auto p = small<Agent>();
  p.dynamics.ridge = 1.0 / 3, p.dynamics.squares = true;
  Agent agent(data, p, {.seed = 4});
  fit_dynamics(agent, data);
  REQUIRE(agent.dynamics().trained.value == 1);
  CHECK(agent.dynamics().errors.value.max().template item<float>() > 0);

  // Its file: read back by itself, and by another agent, which then goes the same way.
  const auto path = folder / "model.safetensors";
  save_dynamics(agent, identity_of(data), path);
  CHECK(dynamics_kind(path) == dynamics_kind<D>());
  auto back = load_dynamics<D>(path);
  require_equal<D>(agent.dynamics(), back.model);
  CHECK((back.params.ridge == 1.0 / 3 && back.params.squares && back.data.hash == content_hash(data)));
  p.dynamics.elites = 1;  // may be chosen anew
  Agent other(data, p, {.seed = 4});
  load_dynamics(other, path);
  require_equal<D>(agent.dynamics(), other.dynamics());
  Agent given(data, agent.hyperparameters(), {.seed = 4}), by_itself(data, agent.hyperparameters(), {.seed = 4});
  load_dynamics(given, path);
  const TrainOptions six{.updates = 6, .batch = 32};
  train(given, data, six), train(by_itself, data, six), train(agent, data, {.updates = 3, .batch = 32});
  const auto x = at::randn({9, 3});
  CHECK(at::equal(given.act(x), by_itself.act(x)));
  CHECK(!at::equal(given.act(x), agent.act(x)));

  // Resumed from its checkpoint, which has the model.
  save_checkpoint(agent, folder / "checkpoint.safetensors");
  auto resumed = load_checkpoint<Agent>(folder / "checkpoint.safetensors");
  require_equal<D>(agent.dynamics(), resumed.dynamics());
  train(resumed, data, six);
  CHECK(at::equal(given.act(x), resumed.act(x)));
}

TEST_CASE("a model's file is taken by models of its kind alone", "[learned_dynamics]") {
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-narrow");
  const auto refused = [](auto f, const std::string& why) {
    CHECK_THAT(support::error_of(f), Contains(why) && !Contains("\n"));
  };
  using Agent = learner<LinearMopo>;
  Agent agent(data, small<Agent>());
  const auto linear = folder / "linear.safetensors", ensemble = folder / "ensemble.safetensors";
  refused([&] { save_dynamics(agent, identity_of(data), linear); }, "has not been trained");
  fit_dynamics(agent, data);
  save_dynamics(agent, identity_of(data), linear);

  auto p = small<Mopo>();
  p.dynamics.net.hidden = {8}, p.dynamics.members = 2, p.dynamics.max_epochs = 1, p.dynamics.holdout_rows = 100;
  Mopo mopo(data, p);
  fit_dynamics(mopo, data);
  save_dynamics(mopo, identity_of(data), ensemble);
  refused([&] { load_dynamics(agent, ensemble); }, "is a model of the kind gaussian-ensemble, not linear-ensemble");
  refused([&] { load_dynamics(mopo, linear); }, "is a model of the kind linear-ensemble, not gaussian-ensemble");
  refused([&] { load_dynamics(linear); }, "is a model of the kind linear-ensemble, not gaussian-ensemble");

  // All settings of a model count for it, unless it says otherwise.
  auto other = small<Agent>();
  other.dynamics.ridge = 2;
  Agent stiffer(data, other);
  refused([&] { load_dynamics(stiffer, linear); }, "was trained with dynamics.ridge=0.001, but the agent has 2");

  // A file of when there was one kind does not say which it is.
  auto old = support::Parts(support::bytes_of(ensemble));
  REQUIRE(old.metadata().erase("model") == 1);
  support::write_bytes(folder / "old.safetensors", support::sealed(old.whole()));
  CHECK(dynamics_kind(folder / "old.safetensors") == "gaussian-ensemble");
  auto before = load_dynamics(folder / "old.safetensors"), after = load_dynamics(ensemble);
  CHECK(at::equal(before.model.net.parameters(), after.model.net.parameters()));
  refused([&] { load_dynamics<LinearEnsemble>(folder / "old.safetensors"); }, "gaussian-ensemble, not linear-ensemble");

  // Of a name that is none, printed as text.
  auto strange = support::Parts(support::bytes_of(linear));
  strange.metadata()["model"] = "\x1b[31mred";
  support::write_bytes(folder / "strange.safetensors", support::sealed(strange.whole()));
  refused([&] { load_dynamics<LinearEnsemble>(folder / "strange.safetensors"); },
          "is a model of the kind \\x1b[31mred");
  // And damaged: a tensor of another size than its settings say.
  auto wide = support::Parts(support::bytes_of(linear));
  wide.metadata()["parameters.dynamics.squares"] = "true";
  support::write_bytes(folder / "wide.safetensors", support::sealed(wide.whole()));
  refused([&] { load_dynamics<LinearEnsemble>(folder / "wide.safetensors"); }, "its hyper-parameters ask for");
}
