#include <tessera/dynamics_file.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "helpers/files.hpp"
#include "helpers/safetensors.hpp"

#include <tessera/algorithms/combo.hpp>
#include <tessera/algorithms/mobile.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/morel.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/fit_dynamics.hpp>

using namespace tessera;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;
using State = GaussianEnsemble::state<torch_backend>;

namespace {
GaussianEnsembleParams small() {
  GaussianEnsembleParams h;
  h.net.hidden = {16, 16};
  h.members = 3, h.elites = 2, h.max_epochs = 1, h.batch = 64, h.holdout_rows = 500;
  return h;
}
template <class A>
typename A::params small_agent() {
  typename A::params p;
  p.dynamics = small();
  p.policy.net.hidden = {16}, p.critic.net.hidden = {16};
  p.data.rollout_batch = 50, p.data.rollout_every = 10, p.data.horizon = 2;
  return p;
}
problem_spec<torch_backend> problem_of(const Dataset& data) {
  return {data.observation_size, data.action_size, 0, at::kCPU, data.kind == action_kind::discrete};
}
std::map<std::string, at::Tensor> learned(State& model) {
  std::map<std::string, at::Tensor> out;
  model.each([&](const char* owner, auto& part) {
    part.each_buffer(std::string(owner), [&]<class T>(const std::string& name, const T& x) {
      if constexpr (std::is_same_v<T, at::Tensor>) out[name] = x.clone();
      else out[name] = at::full({}, x, at::kLong);
    });
  });
  return out;
}
void require_equal(State& a, State& b) {
  const auto of_a = learned(a), of_b = learned(b);
  REQUIRE(of_a.size() == of_b.size());
  for (const auto& [name, x] : of_a) {
    INFO(name);
    CHECK(at::equal(x, of_b.at(name)));
  }
}
State trained(const Dataset& data) {
  State model(small(), problem_of(data));
  fit_dynamics(small(), model, data);
  return model;
}
}  // namespace

TEST_CASE("a dynamics model comes back from its file bit for bit", "[dynamics_file]") {
  const support::Folder folder;
  for (const auto* name : {"builtin:pendulum-narrow", "builtin:cartpole-mixed"}) {
    const auto data = load_dataset(name);
    auto model = trained(data);
    auto h = small();
    h.weight_decay = 0.1234567890123456;
    save_dynamics(h, model, identity_of(data), folder / "model.safetensors");
    auto back = load_dynamics(folder / "model.safetensors");
    CHECK(back.data.name == name);
    CHECK(back.data.hash == content_hash(data));
    CHECK((back.data.kind == data.kind && back.data.observation_size == data.observation_size &&
           back.data.action_size == data.action_size));
    auto again = h;
    const auto wrote = dynamics_parameters(again), read = dynamics_parameters(back.params);
    REQUIRE(wrote.size() == read.size());
    for (std::size_t i = 0; i < wrote.size(); ++i) CHECK(wrote[i].text() == read[i].text());
    require_equal(model, back.model);
    CHECK((back.model.trained.value == 1 && back.model.ends.value == (data.kind == action_kind::discrete)));
    const auto s = at::randn({5, data.observation_size}), a = at::randn({5, data.action_size});
    CHECK(at::equal(GaussianEnsemble::predict(model, s, a).means, GaussianEnsemble::predict(back.model, s, a).means));
  }
  CHECK(folder.files() == 1);
}

TEMPLATE_TEST_CASE("any learner takes a model from its file, in whatever units it learns", "[dynamics_file]", Mopo,
                   Morel, Mobile, Combo) {
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-narrow");
  auto model = trained(data);
  save_dynamics(small(), model, identity_of(data), folder / "model.safetensors");
  auto p = small_agent<TestType>();
  p.data.standardize = false, p.data.reward = reward_transform::standardize;
  TestType agent(data, p, {.seed = 9});
  agent.dynamics().ended = [](const at::Tensor& s, const at::Tensor&, const at::Tensor&) {
    return at::zeros({s.size(0)});
  };
  load_dynamics(agent, folder / "model.safetensors");
  require_equal(model, agent.dynamics());
  CHECK(agent.dynamics().ended);  // a rule that was given stays

  // And trains on it as on one it has trained itself.
  TestType other(data, p, {.seed = 9});
  fit_dynamics(other, data);
  other.dynamics().ended = agent.dynamics().ended;
  for (auto* each : {&agent, &other}) train(*each, data, {.updates = 3, .batch = 32});
  const auto x = at::randn({7, 3});
  CHECK(at::equal(agent.act(x), other.act(x)));
}

TEST_CASE("what is not a model of the agent's task is refused in one line", "[dynamics_file]") {
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-narrow"), cartpole = load_dataset("builtin:cartpole-mixed");
  auto model = trained(data), of_cartpole = trained(cartpole);
  const auto path = folder / "model.safetensors";
  save_dynamics(small(), model, identity_of(data), path);
  const auto refused = [&](const std::function<void()>& f, const std::string& why) {
    const auto prediction = support::error_of(f);
    CHECK_THAT(prediction, Contains(why) && !Contains("\n"));
  };
  // Of another task, or another shape.
  save_dynamics(small(), of_cartpole, identity_of(cartpole), folder / "cartpole.safetensors");
  Mopo agent(data, small_agent<Mopo>());
  refused([&] { load_dynamics(agent, folder / "cartpole.safetensors"); },
          "is a model of observations of 4 and 2 discrete actions, but the agent's task has observations of 3 and "
          "actions of 1");
  auto p = small_agent<Mopo>();
  p.dynamics.members = 4;
  Mopo larger(data, p);
  refused([&] { load_dynamics(larger, path); }, "was trained with dynamics.members=3, but the agent has 4");
  p.dynamics.members = 3, p.dynamics.net.hidden = {16, 17};
  Mopo wider(data, p);
  refused([&] { load_dynamics(wider, path); }, "was trained with dynamics.net.hidden=16,16, but the agent has 16,17");

  // Not a model.
  save_checkpoint(agent, folder / "checkpoint.safetensors");
  refused([&] { load_dynamics(folder / "checkpoint.safetensors"); },
          "is the checkpoint of a run, not a dynamics model");
  refused([&] { load_dynamics(agent, folder / "checkpoint.safetensors"); },
          "is the checkpoint of a run, not a dynamics model");
  refused([&] { load_checkpoint<Mopo>(path); }, "is a dynamics model, not the checkpoint of a learner");
  safetensors::write(folder / "other.safetensors", {}, {});
  refused([&] { load_dynamics(folder / "other.safetensors"); }, "is not a dynamics model of this version");
  refused([&] { load_dynamics(folder / "absent.safetensors"); }, "absent.safetensors");
  const auto bytes = support::bytes_of(path);
  for (const std::size_t part : {std::size_t{0}, std::size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    support::write_bytes(folder / "cut.safetensors", bytes.substr(0, part));
    refused([&] { load_dynamics(folder / "cut.safetensors"); }, "is not a readable safetensors file");
  }
  // Whole files whose numbers do not fit each other.
  auto sizes = identity_of(data);
  sizes.observation_size = 4;
  save_dynamics(small(), model, sizes, folder / "sizes.safetensors");
  refused([&] { load_dynamics(folder / "sizes.safetensors"); }, "its hyper-parameters ask for");
  auto members = small();
  members.members = 5;
  save_dynamics(members, model, identity_of(data), folder / "members.safetensors");
  refused([&] { load_dynamics(folder / "members.safetensors"); }, "its hyper-parameters ask for");

  // Whole files with numbers that cannot be, and any bit that changed.
  const auto changed = [&](const std::function<void(support::Parts&)>& change, const std::string& why) {
    support::Parts parts(bytes);
    change(parts);
    support::write_bytes(folder / "changed.safetensors", support::sealed(parts.whole()));
    refused([&] { load_dynamics(folder / "changed.safetensors"); }, why);
    refused([&] { load_dynamics(agent, folder / "changed.safetensors"); }, why);
  };
  using P = support::Parts;
  changed([](P& x) { x.set("dynamics/parameters", NAN, 5); }, "dynamics/parameters has a number that is not finite");
  changed([](P& x) { x.set("dynamics/input_scale", 0.0f); }, "dynamics/input_scale has a number that is 0");
  changed([](P& x) { x.set("dynamics/target_scale", -1.0f); }, "dynamics/target_scale has a number below 0");
  changed([](P& x) { x.set("dynamics/errors", INFINITY); }, "dynamics/errors has a number that is not finite");
  changed([](P& x) { x.set("dynamics/trained", std::int64_t{-5}); }, "'dynamics/trained' is -5, which is not a count");
  changed([](P& x) { x.metadata()["data.hash"] = "0123456789ABCDEF"; }, "its data set's hash is none");
  changed([](P& x) { x.metadata()["problem.action_size"] = "-1"; }, "an action size of -1");
  changed([](P& x) { x.metadata()["parameters.dynamics.net.hidden"] = "65536,65536,65536"; }, "of tensors, and it has");
  changed([](P& x) { x.metadata()["parameters.dynamics.members"] = "1001"; },
          "dynamics.members is '1001', which is not a valid value");
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    auto flipped = bytes;
    flipped[at] = char(flipped[at] ^ (1 << (at % 8)));
    support::write_bytes(folder / "changed.safetensors", flipped);
    refused([&] { load_dynamics(folder / "changed.safetensors"); }, "changed.safetensors: is");
  }

  // Nothing is written that could not be used.
  State fresh(small(), problem_of(data)), astray = trained(data);
  astray.net.parameters().view({-1})[3].fill_(NAN);
  const auto files = folder.files();
  CHECK_THROWS_AS(save_dynamics(small(), astray, identity_of(data), path), Diverged);
  CHECK(support::bytes_of(path) == bytes);
  refused([&] { save_dynamics(small(), fresh, identity_of(data), folder / "fresh.safetensors"); },
          "has not been trained");
  refused([&] { save_dynamics(small(), model, identity_of(data), folder / "absent/model.safetensors"); },
          "does not exist");
  CHECK(folder.files() == files);
}

TEST_CASE("a model's training can be stopped at any step", "[dynamics_file]") {
  const auto data = load_dataset("builtin:pendulum-narrow");
  auto h = small();
  h.max_epochs = 3;
  State model(h, problem_of(data));
  std::int64_t steps = 0, epochs = 0, first = 0;
  const auto epoch_done = [&](const DynamicsEpoch&) { return ++epochs, true; };
  const auto step_done = [&](std::int64_t epoch, std::int64_t done, std::int64_t all) {
    ++steps;
    if (done == all) first = all;
    return epoch < 2 || done < 3;
  };
  fit_dynamics(h, model, data, epoch_done, step_done);
  CHECK((epochs == 1 && model.trained.value == 1));
  CHECK((first > 5 && steps == first + 3));
  // The epoch that was cut short counts for nothing.
  auto once = trained(data);
  CHECK(at::equal(model.errors.value, once.errors.value));
}
