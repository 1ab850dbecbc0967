// What a program that is not ours meets: its own arrays, single observations, wrong shapes, agents loaded and trained
// further.
#include <tessera/algorithms/bc.hpp>
#include <tessera/algorithms/discrete_cql.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/io/from_arrays.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include <array>
#include <filesystem>
#include <limits>

#include "helpers/tensors.hpp"

using namespace support;
using namespace tessera;

namespace {
constexpr float no_number = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
template <class Params>
Params small() {
  Params p;
  if constexpr (requires { p.policy.net; }) p.policy.net.hidden = {32};
  if constexpr (requires { p.critic.net; }) p.critic.net.hidden = {32};
  if constexpr (requires { p.value.net; }) p.value.net.hidden = {32};
  return p;
}
}  // namespace

TEST_CASE("an action of one observation in a program's memory is that of a batch of one", "[train][act]") {
  const auto data = builtin_dataset("pendulum-random");
  Iql agent(data, small<Iql::params>(), {.seed = 1});
  const std::vector<float> x{1, 0, 0.5f};
  const auto batch = agent.act(torch::tensor({1.0f, 0.0f, 0.5f}).view({1, 3}));
  const std::vector<float> one = agent.act(x);
  REQUIRE(one.size() == 1);
  CHECK(one[0] == batch[0][0].item<float>());
  const float raw[] = {1, 0, 0.5f};
  CHECK(agent.act(std::span<const float>(raw)) == one);
  CHECK(agent.act(raw, 0) == one);
  CHECK(agent.act(std::array<float, 3>{1, 0, 0.5f}) == one);
  const auto doubles = agent.act(torch::tensor({1.0, 0.0, 0.5}, at::kDouble).view({1, 3}));
  CHECK(doubles[0][0].item<float>() == one[0]);

  const auto poles = builtin_dataset("cartpole-mixed");
  DiscreteCql discrete(poles, small<DiscreteCql::params>(), {.seed = 1});
  const std::int64_t index = discrete.act(std::vector<float>{0, 0.1f, 0, 0.2f});
  CHECK(index == discrete.act(torch::tensor({0.0f, 0.1f, 0.0f, 0.2f}).view({1, 4}))[0].item<std::int64_t>());
}

TEST_CASE("no action follows from what is no observation", "[train][act]") {
  const auto data = builtin_dataset("pendulum-random");
  Iql agent(data, small<Iql::params>(), {.seed = 1});
  const auto poles = builtin_dataset("cartpole-mixed");
  DiscreteCql discrete(poles, small<DiscreteCql::params>(), {.seed = 1});
  for (float bad : {no_number, infinity, -infinity}) {
    auto x = at::zeros({70, 3});
    x[65][2] = bad;
    CHECK_THROWS_WITH(agent.act(x), Catch::Contains("not finite in row 65, column 2"));
    CHECK_THROWS_WITH(agent.act(at::cat({x, x}, 1).narrow(1, 1, 3)), Catch::Contains("not finite in row 65, column 1"));
    CHECK_THROWS_AS(agent.act(std::vector<float>{0, bad, 0}), Error);
    CHECK_THROWS_AS(discrete.act(std::vector<float>{0, bad, 0, 0}), Error);
  }
  CHECK_NOTHROW(agent.act(at::full({2, 3}, 3e38f)));  // large is a number
  const auto refused = [&](const at::Tensor& x, const std::string& what) {
    CHECK_THROWS_WITH(agent.act(x), Catch::Contains(what));
  };
  refused(at::zeros({3}), "view({1, -1})");
  refused(at::zeros({4}), "(4), where (B, 3)");
  refused(at::zeros({2, 4}), "(2, 4), where (B, 3)");
  refused(at::zeros({2, 3, 1}), "(2, 3, 1)");
  refused(at::zeros({}), "shape ()");
  refused(at::zeros({0, 3}), "(0, 3)");
  refused({}, "undefined");
  CHECK_THROWS_WITH(agent.act(std::vector<float>{1, 2}),
                    Catch::Contains("has 2 numbers, and the policy was made for 3"));
  CHECK_THROWS_AS(agent.act(std::span<const float>()), Error);
}

TEST_CASE("an agent that was saved and loaded trains on as if it had not been", "[train][checkpoint]") {
  const auto data = builtin_dataset("pendulum-random");
  const auto path = (std::filesystem::temp_directory_path() / "tessera-in-a-program").string();
  Iql whole(data, small<Iql::params>(), {.seed = 3}), part(data, small<Iql::params>(), {.seed = 3});
  train(whole, data, {.updates = 12, .batch = 32});
  train(part, data, {.updates = 12, .batch = 32, .after_update = [](std::int64_t done) { return done < 5; }});
  save_checkpoint(part, path);
  auto loaded = load_checkpoint<Iql>(path);
  std::filesystem::remove(path);
  train(loaded, data, {.updates = 12, .batch = 32});
  const auto x = at::zeros({1, 3});
  CHECK(at::equal(whole.act(x), loaded.act(x)));

  auto other = data;
  other.observation_size = 1;
  CHECK_THROWS_WITH(train(loaded, other, {.updates = 20}),
                    Catch::Contains("observations of size 1") && Catch::Contains("was made for 3"));
  CHECK_THROWS_WITH(train(loaded, builtin_dataset("cartpole-mixed"), {.updates = 20}), Catch::Contains("discrete"));
  // Other data of the same sizes, but fewer.
  auto fewer = dataset_from_arrays({.name = "fewer",
                                    .observation_size = 3,
                                    .action_size = 1,
                                    .observations = std::vector<float>(30, 0.5f),
                                    .actions = std::vector<float>(10, 0.5f),
                                    .rewards = std::vector<float>(10, 1.0f),
                                    .terminals = std::vector<std::uint8_t>(10, 0)});
  CHECK_THROWS_WITH(train(whole, fewer, {.updates = 20}),
                    Catch::Contains("fewer than the data that the learner was made from"));
}

TEST_CASE("a data set filled by hand that cannot be learned from is refused by the learner", "[train]") {
  const auto good = builtin_dataset("pendulum-random");
  const auto refused = [&](const std::function<void(Dataset&)>& spoil, const std::string& what) {
    auto data = good;
    spoil(data);
    CHECK_THROWS_WITH(Iql(data), Catch::Contains(what));
  };
  refused([](Dataset& d) { d.observation_size = 0; }, "observation_size");
  refused([](Dataset& d) { d.action_size = 0; }, "action_size");
  refused([](Dataset& d) { d.terminals.clear(); }, "terminals");
  refused([](Dataset& d) { d.actions.resize(10); }, "actions");
  refused([](Dataset& d) { std::swap(d.action_low, d.action_high); }, "is not below");
  refused([](Dataset& d) { d.rewards[3] = no_number; }, "rewards is NaN in row 3");
  refused([](Dataset& d) { d = {}; }, "observation_size");
}

TEST_CASE("a policy learns from a program's arrays, within the limits they name", "[train]") {
  std::vector<float> x, a, r;
  std::vector<std::uint8_t> ended;
  for (int i = 0; i < 400; ++i) {
    x.push_back(float(i % 10) / 10), x.push_back(1);
    a.push_back(0.3f * float(i % 10) / 10), r.push_back(1), ended.push_back(i % 10 == 9);
  }
  const auto data = dataset_from_arrays({.name = "ramp",
                                         .observation_size = 2,
                                         .action_size = 1,
                                         .observations = x,
                                         .actions = a,
                                         .rewards = r,
                                         .terminals = ended,
                                         .action_low = {-2},
                                         .action_high = {2}});
  Bc agent(data, small<Bc::params>(), {.seed = 0});
  CHECK(agent.units().normalizer().action_high == std::vector<float>{2});
  train(agent, data, {.updates = 300, .batch = 64});
  CHECK(agent.act(std::vector<float>{0.5f, 1})[0] == Approx(0.15).margin(0.05));
}
