#include <tessera/checkpoint.hpp>
//
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "helpers/files.hpp"
#include "helpers/safetensors.hpp"

#include <tessera/algorithms.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/torch.hpp>

using namespace tessera;
using Catch::Matchers::Contains;

namespace {
template <class A>
typename A::params small() {
  typename A::params p;
  p.policy.net.hidden = {16, 16};
  if constexpr (requires { p.value.refresh; }) p.value.refresh = 7;
  if constexpr (requires { p.behavior; }) p.behavior.pretrain_updates = 4;
  if constexpr (requires { p.critic.net; }) p.critic.net.hidden = {16};
  return p;
}

// Every buffer of two agents, bit for bit.
template <class A>
void require_equal(A& a, A& b) {
  std::map<std::string, at::Tensor> of_a;
  auto tensor = []<class T>(const T& x) {
    if constexpr (std::is_same_v<T, at::Tensor>) return x;
    else return at::full({}, x, at::kLong);
  };
  a.each_buffer([&](const std::string& name, auto& x) { of_a[name] = tensor(x); });
  std::size_t count = 0;
  b.each_buffer([&](const std::string& name, auto& x) {
    INFO(name);
    REQUIRE(of_a.contains(name));
    CHECK(at::equal(of_a[name], tensor(x)));
    ++count;
  });
  CHECK(count == of_a.size());
  CHECK(count > 4);
}
}  // namespace

TEMPLATE_TEST_CASE("a resumed run equals an uninterrupted one bit for bit", "", Iql, Sac, Td3Bc, Awac, PercentBc, Awr,
                   BracV, BracVDual, Bear, CqlLagrange) {
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-mixed");
  TestType whole(data, small<TestType>(), {.seed = 5});
  train(whole, data, {.updates = 24, .batch = 32});

  TestType first(data, small<TestType>(), {.seed = 5});
  train(first, data,
        {.updates = 24, .batch = 32, .after_update = [](std::int64_t done) { return done < 11; }});  // as by Ctrl-C
  save_checkpoint(first, (folder / "a.safetensors"));
  auto second = load_checkpoint<TestType>((folder / "a.safetensors"));
  require_equal(first, second);
  CHECK(second.updates() == 11);
  const auto rows = torch_backend::prepare<typename TestType::recipe_type>(data, second.hyperparameters()).transitions;
  train(second, replay_for(second, data, rows), {.updates = 24, .batch = 32});
  require_equal(whole, second);

  // It also acts the same, in the task's own units.
  const auto x = at::randn({7, 3});
  CHECK(at::equal(whole.act(x), second.act(x)));
}

TEST_CASE("a discrete agent comes back with its parameters") {
  const support::Folder folder;
  const auto data = load_dataset("builtin:cartpole-mixed");
  auto p = small<DiscreteIql>();
  p.actor.beta = 0.123456789012345;
  DiscreteIql agent(data, p, {.seed = 18446744073709551615u});
  train(agent, data, {.updates = 3});
  save_checkpoint(agent, (folder / "a.safetensors"));
  CHECK(checkpoint_algorithm((folder / "a.safetensors")) == "discrete-iql");
  CHECK(checkpoint_updates((folder / "a.safetensors")) == agent.updates());
  auto back = load_checkpoint<DiscreteIql>((folder / "a.safetensors"));
  CHECK(back.hyperparameters().actor.beta == p.actor.beta);
  CHECK(back.problem().seed == 18446744073709551615u);
  require_equal(agent, back);
}

TEST_CASE("a checkpoint carries text of its writer's own") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  Bc agent(load_dataset("builtin:pendulum-random"), small<Bc>());
  const std::map<std::string, std::string> extra = {{"window", "1 0.5\n2 -inf\n"},
                                                    {"", "a \"quoted\" \\ text"},
                                                    {"data",
                                                     "Gr\xC3\xB6\xC3\x9F"
                                                     "e \x01"},
                                                    {"algorithm", "mine"}};
  save_checkpoint(agent, path, extra);
  CHECK(checkpoint_metadata(path) == extra);
  CHECK(checkpoint_algorithm(path) == "bc");
  auto back = load_checkpoint<Bc>(path);
  require_equal(agent, back);
  // The same again is the same file; without text it has none.
  save_checkpoint(back, folder / "b.safetensors", extra);
  CHECK(support::bytes_of(folder / "b.safetensors") == support::bytes_of(path));
  save_checkpoint(agent, path);
  CHECK(checkpoint_metadata(path).empty());
  CHECK_THAT(support::error_of([&] { save_checkpoint(agent, path, {{"data", "\xff"}}); }), Contains("must be UTF-8"));
  CHECK(checkpoint_metadata(path).empty());
}

TEST_CASE("a diverged agent is not saved over a sound one") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  Sac agent(load_dataset("builtin:pendulum-random"), small<Sac>());
  save_checkpoint(agent, path);
  const auto before = support::bytes_of(path);
  std::vector<std::string> names;
  agent.each_buffer([&]<class T>(const std::string& name, T&) {
    if constexpr (std::is_same_v<T, at::Tensor>) names.push_back(name);
  });
  CHECK(names.size() >= 10);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()})
    for (const auto& wanted : names) {
      at::Tensor kept;
      agent.each_buffer([&]<class T>(const std::string& name, T& x) {
        if constexpr (std::is_same_v<T, at::Tensor>)
          if (name == wanted) kept = x.clone(), x.view({-1}).slice(0, x.numel() - 1).fill_(bad);
      });
      CHECK_THROWS_AS(save_checkpoint(agent, path), Diverged);
      CHECK_THROWS_WITH(save_checkpoint(agent, path), Contains("is not written, because training diverged: " + wanted +
                                                               " has a number that is not finite"));
      CHECK(support::bytes_of(path) == before);
      agent.each_buffer([&]<class T>(const std::string& name, T& x) {
        if constexpr (std::is_same_v<T, at::Tensor>)
          if (name == wanted) x.copy_(kept);
      });
    }
  CHECK(folder.files() == 1);
  save_checkpoint(agent, path);
  CHECK(support::bytes_of(path) == before);
}

TEST_CASE("no bit of a checkpoint changes unseen") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  Bc agent(load_dataset("builtin:pendulum-random"), small<Bc>());
  save_checkpoint(agent, path, {{"note", "kept"}});
  const auto bytes = support::bytes_of(path);
  const auto prediction = [&](const std::string& content) {
    support::write_bytes(path, content);
    const auto text = support::error_of([&] { (void)load_checkpoint<Bc>(path); });
    CHECK((text.starts_with(path) && text.find('\n') == std::string::npos && text.size() < path.size() + 400));
    return text;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 97) {
    auto flipped = bytes;
    flipped[at] = char(flipped[at] ^ (1 << (at % 8)));
    INFO("byte " << at);
    prediction(flipped);
    CHECK(support::error_of([&] { (void)checkpoint_metadata(path); }) != "(no error)");
    CHECK(support::error_of([&] { (void)checkpoint_algorithm(path); }) != "(no error)");
    CHECK(support::error_of([&] { (void)checkpoint_updates(path); }) != "(no error)");
  }
  for (std::size_t size = 0; size < bytes.size(); size += 997) prediction(bytes.substr(0, size));
  prediction(bytes.substr(0, bytes.size() - 1)), prediction(bytes + '\0');
  support::write_bytes(path, bytes);
  auto back = load_checkpoint<Bc>(path);
  require_equal(agent, back);
}

TEST_CASE("a checkpoint whose numbers cannot be is refused by name, whatever its checksum") {
  const support::Folder folder;
  const auto path = folder / "a.safetensors";
  Mopo agent(load_dataset("builtin:pendulum-random"), [] {
    auto p = small<Mopo>();
    p.dynamics.net.hidden = {16}, p.dynamics.members = 2, p.dynamics.elites = 1;
    p.data.rollout_batch = 10, p.data.retain = 1, p.data.horizon = 2;
    return p;
  }());
  save_checkpoint(agent, path);
  const auto bytes = support::bytes_of(path);
  REQUIRE(support::sealed(bytes) == bytes);
  const auto refused = [&](const std::function<void(support::Parts&)>& change, const std::string& why) {
    support::Parts parts(bytes);
    change(parts);
    support::write_bytes(path, support::sealed(parts.whole()));
    const auto text = support::error_of([&] { (void)load_checkpoint<Mopo>(path); });
    CHECK_THAT(text, Contains(why) && !Contains("\n"));
    CHECK((text.starts_with(path) && text.size() < path.size() + 400));
  };
  CHECK_NOTHROW([&] {
    support::write_bytes(path, support::sealed(support::Parts(bytes).whole()));
    (void)load_checkpoint<Mopo>(path);
  }());
  constexpr auto nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  using P = support::Parts;
  refused([](P& p) { p.set("policy/parameters", nan, 7); }, "policy/parameters has a number that is not finite");
  refused([](P& p) { p.set("critic/target", infinity); }, "critic/target has a number that is not finite");
  refused([](P& p) { p.set("critic/first_moment", -infinity, 3); },
          "critic/first_moment has a number that is not finite");
  refused([](P& p) { p.set("critic/second_moment", nan); }, "critic/second_moment has a number that is not finite");
  refused([](P& p) { p.set("critic/second_moment", -1e-9f); }, "critic/second_moment has a number below 0");
  refused([](P& p) { p.set("log_alpha/value", nan); }, "log_alpha/value has a number that is not finite");
  refused([](P& p) { p.set("dynamics/input_scale", 0.0f, 1); }, "dynamics/input_scale has a number that is 0");
  refused([](P& p) { p.set("dynamics/target_scale", -1.0f); }, "dynamics/target_scale has a number below 0");
  refused([](P& p) { p.set("imagined/low", nan); }, "imagined/low has a number that is not finite");
  refused([](P& p) { p.set("updates", std::int64_t{-1}); }, "tensor 'updates' is -1, which is not a count");
  refused([](P& p) { p.set("policy/steps", std::numeric_limits<std::int64_t>::max()); }, "which is not a count");
  refused([](P& p) { p.set("imagined/filled", std::int64_t{21}); }, "beyond imagined/rows");
  refused([](P& p) { p.set("imagined/at", std::int64_t{1}); }, "beyond imagined/rows");

  const auto text = [&](const char* key, const std::string& value, const std::string& why) {
    refused([&](P& p) { p.metadata()[key] = value; }, why);
  };
  text("units.observation_scale", "1,0,1", "units.observation_scale has a number that is not finite and above 0");
  text("units.observation_scale", "1,-1,1", "above 0");
  text("units.observation_scale", "1,1e-45,1", "above 0");
  text("units.observation_scale", "1,inf,1", "above 0");
  text("units.observation_scale", "1,1", "has 2 entries where 3 were expected");
  text("units.observation_scale", "1,,1", "has an entry that is not a number");
  text("units.observation_scale", "1,1,1,", "has an entry that is not a number");
  text("units.observation_scale", "none", "has 0 entries");
  text("units.observation_shift", "0,nan,0", "units.observation_shift has a number that is not finite");
  text("units.reward_scale", "0", "units.reward_scale is not finite and above 0");
  text("units.reward_shift", "-inf", "units.reward_shift is not finite");
  text("units.reward_limit", "-1", "units.reward_limit");
  text("units.observation_clip", "nan", "units.observation_clip");
  text("units.action_low", "5", "leave no room between them");
  text("problem.seed", "-1", "problem.seed has an entry that is not a number");
  text("problem.seed", "18446744073709551616", "has an entry that is not a number");
  text("problem.observation_size", "0", "observation size of 0");
  text("problem.observation_size", "9223372036854775807", "observation size of 9223372036854775807");
  text("problem.observation_size", "1000000000", "entries where 1000000000 were expected");
  text("problem.actions", "discrete", "its problem has discrete actions");
  text("problem.actions", "", "neither continuous nor discrete");
  text("algorithm", "iql", "was saved by iql, not by mopo");
  text("algorithm", std::string(1000, 'x'), "bytes)...xxx");
  text("format", "tessera-checkpoint-9", "is not a checkpoint of this version");
  text("parameters.critic.discount", "2", "hyper-parameter critic.discount is '2', which is not a valid value");
  text("parameters.critic.discount", std::string(100000, '9'), "which is not a valid value");
  text("parameters.critic.discounts", "0.9", "a hyper-parameter 'critic.discounts'");
  // Sizes are compared with the file's before anything is made of them.
  text("parameters.policy.net.hidden", "16,17", "of tensors, and it has");
  text("parameters.policy.net.hidden", "65536,65536,65536", "of tensors, and it has");
  text("parameters.policy.net.hidden", "0", "which is not a valid value");
  text("parameters.critic.members", "1000", "of tensors, and it has");
  text("parameters.data.rollout_batch", "100000000", "of tensors, and it has");
  std::string layers = "1";
  for (int i = 0; i < 1000; ++i) layers += ",1";
  text("parameters.policy.net.hidden", layers, "1001 hidden layers");

  refused([](P& p) { p.metadata().erase("units.reward_scale"); }, "no 'units.reward_scale' in its metadata");
  refused([](P& p) { p.metadata().erase("format"); }, "is not a checkpoint of this version");
  refused([](P& p) { p.metadata().erase("checksum"); }, "no 'checksum' in its metadata");
  refused(
      [](P& p) { p.header["policy/parameter"] = p.header["policy/parameters"], p.header.erase("policy/parameters"); },
      "no tensor 'policy/parameters'");
  refused(
      [](P& p) {
        p.header["more"] = {{"dtype", "F32"}, {"shape", {0}}, {"data_offsets", {0, 0}}};
      },
      "a tensor 'more', which its algorithm does not have");
  refused([](P& p) { p.header["policy/parameters"]["shape"].push_back(1); },
          "'policy/parameters' has another type or shape than its parameters say");
  refused([](P& p) { p.header["policy/steps"]["dtype"] = "U64"; }, "'policy/steps' has another type or shape");
}

TEST_CASE("networks that the machine has no memory for are refused before they are made") {
  const auto data = load_dataset("builtin:pendulum-random");
  const auto prediction = [](const std::function<void()>& f) { return support::error_of(f); };
  auto p = small<Sac>();
  p.critic.net.hidden.assign(40, 65536);
  CHECK_THAT(prediction([&] { Sac agent(data, p); }), Contains("the learner needs ") && Contains("GB (") &&
                                                          Contains(" bytes) of memory, and there are ") &&
                                                          Contains("net.hidden"));
  p.critic.net.hidden.assign(2, 65536), p.critic.members = 1000;
  CHECK_THAT(prediction([&] { Sac agent(data, p); }), Contains("the learner needs"));
  auto m = small<Mopo>();
  m.data.rollout_batch = 100'000'000, m.data.horizon = 10'000, m.data.retain = 1000;
  CHECK_THAT(prediction([&] { Mopo agent(data, m); }),
             Contains("the learner needs") && Contains("imagined transitions"));
  // Also a network by itself.
  GaussianEnsembleParams h;
  h.net.hidden.assign(40, 65536);
  const auto alone = [&] {
    return prediction([&] { GaussianEnsemble::state<torch_backend>(h, problem_spec<torch_backend>{3, 1, 0}); });
  };
  CHECK_THAT(alone(), Contains("a network needs ") && Contains("bytes) of memory"));
  h.net.hidden = {std::int64_t{1} << 62, std::int64_t{1} << 62};
  CHECK_THAT(alone(), Contains("needs more bytes than 64 bits count"));
  h.net.hidden = {16, 0};
  CHECK_THAT(alone(), Contains("a layer of 0 units"));
}

namespace {
// A part of a user's own, whose state only libtorch can make.
struct Counting : BehaviorCloning {
  template <class B>
  struct state {
    buffer<at::Tensor> seen;
    template <class Problem>
    state(const params&, const Problem& on) : seen{at::zeros({on.observation_size}, on.device)} {}
    void each(auto&& f) { f("actor/seen", seen); }
  };
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    step.template state_of<actor>().seen.value += step.state(now).detach().sum(0);
    return BehaviorCloning::loss(h, step);
  }
};
struct CountingBc : recipes::Bc::with<actor<Counting>> {};
}  // namespace

TEST_CASE("a part whose sizes are not known before is trained, saved and loaded like any other") {
  static_assert(!SizesKnown<CountingBc> && SizesKnown<recipes::Bc> && SizesKnown<recipes::CqlLagrange> &&
                SizesKnown<recipes::Mopo>);
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-random");
  learner<CountingBc> agent(data, small<learner<CountingBc>>());
  train(agent, data, {.updates = 2});
  save_checkpoint(agent, folder / "c.safetensors");
  auto loaded = load_checkpoint<learner<CountingBc>>(folder / "c.safetensors");
  std::vector<at::Tensor> seen;
  for (auto* each : {&agent, &loaded})
    each->each_buffer([&]<class T>(const std::string& name, const T& x) {
      if constexpr (std::is_same_v<T, at::Tensor>)
        if (name.starts_with("actor/seen")) seen.push_back(x);
    });
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].abs().sum().item<float>() > 0);
  CHECK(at::equal(seen[0], seen[1]));
}

TEST_CASE("what is known of a learner's buffers before it is made is what it has") {
  const auto check = [](auto&& agent) {
    using R = typename std::decay_t<decltype(agent)>::recipe_type;
    const auto expected =
        buffers_of<R>(agent.hyperparameters(), agent.problem().observation_size, agent.problem().action_size);
    std::size_t i = 0;
    agent.each_buffer([&]<class T>(const std::string& name, const T& x) {
      REQUIRE(i < expected.size());
      CHECK(expected[i].name == name);
      if constexpr (std::is_same_v<T, at::Tensor>)
        CHECK((expected[i].holds == Buffer::kind::numbers && expected[i].shape == x.sizes().vec()));
      else CHECK((expected[i].holds == Buffer::kind::count && expected[i].shape.empty()));
      ++i;
    });
    CHECK(i == expected.size());
  };
  const auto data = load_dataset("builtin:pendulum-random"), cartpole = load_dataset("builtin:cartpole-mixed");
  auto p = small<Iql>();
  p.critic.net.layer_norm = true, p.policy.net.hidden = {}, p.value.net.hidden = {1, 17};
  check(Iql(data, p));
  check(CqlLagrange(data, small<CqlLagrange>()));
  check(Mopo(data, small<Mopo>()));
  check(Bear(data, small<Bear>()));
  check(DiscreteIql(cartpole, small<DiscreteIql>()));
}

TEST_CASE("what is not this agent's checkpoint is refused in one line") {
  const support::Folder folder;
  const auto data = load_dataset("builtin:pendulum-random");
  Bc agent(data, small<Bc>());
  const auto path = folder / "a.safetensors";
  save_checkpoint(agent, path);
  CHECK_THROWS_WITH(load_checkpoint<Iql>(path), Contains("was saved by bc, not by iql"));
  CHECK_THROWS_WITH(load_checkpoint<Bc>(folder / "b.safetensors"), Contains("b.safetensors: cannot be opened"));
  hdf5::File::create(folder / "old.h5").close();
  CHECK_THROWS_WITH(load_checkpoint<Bc>(folder / "old.h5"),
                    Contains("is an HDF5 file; checkpoints and dynamics models are safetensors files in this version"));
  safetensors::write(folder / "other.safetensors", {}, {});
  CHECK_THROWS_WITH(load_checkpoint<Bc>(folder / "other.safetensors"),
                    Contains("is not a checkpoint of this version (format none"));
  CHECK_THROWS_WITH(save_checkpoint(agent, folder / "absent/a.safetensors"), Contains("does not exist"));
  CHECK(folder.files() == 3);
}

// For io/python_opens.py.
TEST_CASE("files for Python", "[.][python]") {
  const char* folder = std::getenv("TESSERA_PYTHON");
  REQUIRE(folder);
  const auto data = load_dataset("builtin:pendulum-mixed");
  Iql agent(data, small<Iql>(), {.seed = 18446744073709551615u});
  train(agent, data, {.updates = 3});
  save_checkpoint(agent, std::string(folder) + "/checkpoint.safetensors", {{"note", "two\nlines"}});
}
