#include <tessera/cli/preloaded.hpp>
//
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include <tessera/dataset/normalizer.hpp>
#include <tessera/nn/units.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/train/replay.hpp>

using namespace tessera;

TEST_CASE("a replay is kept for runs whose transitions and units are the same", "[cli]") {
  const auto data = load_dataset("builtin:pendulum-random");
  std::vector<std::int64_t> all(std::size_t(data.size()));
  std::iota(all.begin(), all.end(), 0);
  const auto units = fit_normalizer(data, all, {});
  auto scaled = units;
  scaled.reward_scale = 2;
  auto fewer = all;
  fewer.pop_back();
  int made = 0;
  const auto asked = [&](cli::Preloaded& from, const std::vector<std::int64_t>& chosen, const Normalizer& n) {
    return from.replay(data, chosen, n, "cpu", {}, [&] {
      ++made;
      const at::Device device("cpu");
      return Replay(data, chosen, nn::Units(nn::Units(n), device), device);
    });
  };
  cli::Preloaded none;
  asked(none, all, units), asked(none, all, units);
  CHECK(made == 2);  // a program that forks off nothing keeps none

  cli::Preloaded group;
  group.begin();
  const auto first = asked(group, all, units);
  group.end();
  CHECK(made == 3);
  const auto second = asked(group, all, units);
  CHECK(made == 3);
  CHECK(at::equal(first.sample(1, 2, 64).observations, second.sample(1, 2, 64).observations));
  CHECK(second.size() == data.size());
  CHECK(asked(group, fewer, units).size() == data.size() - 1);
  asked(group, all, scaled);
  CHECK(made == 5);
}

TEST_CASE("a data set that was read beforehand is taken once", "[cli]") {
  cli::Preloaded group;
  CHECK_FALSE(group.take("a"));
  auto data = load_dataset("builtin:pendulum-random");
  const auto size = data.size();
  const auto* const where = data.rewards.data();
  group.keep("a", std::move(data));
  CHECK_FALSE(group.take("b"));
  const auto taken = group.take("a");
  REQUIRE(taken);
  CHECK((taken->size() == size && taken->rewards.data() == where));  // and is not copied
  CHECK_FALSE(group.take("a"));
}
