#include <tessera/checkpoint.hpp>
//
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include <tessera/algorithms.hpp>
#include <tessera/data/load.hpp>
#include <tessera/reflect/parts.hpp>
#include <tessera/torch.hpp>

using namespace tessera;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {
struct Folder {
  fs::path path = fs::temp_directory_path() / ("tessera-checkpoint-" + std::to_string(std::random_device{}()));
  Folder() { fs::create_directory(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

template <class A>
typename A::params small() {
  typename A::params p;
  p.policy.net.hidden = {16, 16};
  if constexpr (requires { p.value.refresh; }) p.value.refresh = 7;
  if constexpr (requires { p.behavior; }) p.behavior.head_start = 4;
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

TEMPLATE_TEST_CASE("a resumed run equals an uninterrupted one bit for bit", "", Iql, Sac, Td3Bc, Awac, PercentBc, Awr, BracV, BracVDual, Bear,
                   CqlLagrange) {
  const Folder folder;
  const auto data = load_dataset("builtin:pendulum-mixed");
  TestType whole(data, small<TestType>(), {.seed = 5});
  train(whole, data, {.updates = 24, .batch = 32});

  TestType first(data, small<TestType>(), {.seed = 5});
  train(first, data, {.updates = 24, .batch = 32, .after_update = [](std::int64_t done) { return done < 11; }});  // as by Ctrl-C
  save_checkpoint(first, folder.file("a.h5"));
  auto second = load_checkpoint<TestType>(folder.file("a.h5"));
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
  const Folder folder;
  const auto data = load_dataset("builtin:cartpole-mixed");
  auto p = small<DiscreteIql>();
  p.actor.beta = 0.123456789012345;
  DiscreteIql agent(data, p, {.seed = 18446744073709551615u});
  train(agent, data, {.updates = 3});
  save_checkpoint(agent, folder.file("a.h5"));
  CHECK(checkpoint_algorithm(folder.file("a.h5")) == "discrete-iql");
  auto back = load_checkpoint<DiscreteIql>(folder.file("a.h5"));
  CHECK(back.hyperparameters().actor.beta == p.actor.beta);
  CHECK(back.problem().seed == 18446744073709551615u);
  require_equal(agent, back);
}

TEST_CASE("what is not this agent's checkpoint is refused in one line") {
  const Folder folder;
  const auto data = load_dataset("builtin:pendulum-random");
  Bc agent(data, small<Bc>());
  save_checkpoint(agent, folder.file("a.h5"));
  CHECK_THROWS_WITH(load_checkpoint<Iql>(folder.file("a.h5")), Contains("was saved by bc, not by iql"));
  CHECK_THROWS_WITH(load_checkpoint<Bc>(folder.file("b.h5")), Contains("b.h5"));

  fs::copy_file(folder.file("a.h5"), folder.file("cut.h5"));
  fs::resize_file(folder.file("cut.h5"), fs::file_size(folder.file("a.h5")) / 2);
  CHECK_THROWS_AS(load_checkpoint<Bc>(folder.file("cut.h5")), Error);
  hdf5::File::create(folder.file("other.h5")).close();
  CHECK_THROWS_WITH(load_checkpoint<Bc>(folder.file("other.h5")), Contains("not a checkpoint"));
  CHECK_THROWS_WITH(save_checkpoint(agent, folder.file("absent/a.h5")), Contains("does not exist"));
}
