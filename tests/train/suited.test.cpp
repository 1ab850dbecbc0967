#include <tessera/dataset/suit.hpp>
//
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include <tessera/algorithms/iql.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/reflect/reflect.hpp>
#include <tessera/torch.hpp>

#include "helpers/logs.hpp"

using namespace tessera;

namespace {
// A bandit whose log has observations of 1e30 and rewards of 1e18 among those of ordinary size.
Dataset glitches() {
  auto d = support::log_of({.length = 1, .terminal = true});
  for (std::size_t i = 0; i < 10; ++i) d.observations[2 * (97 * i + 5)] = 1e30f, d.rewards[89 * i + 3] = -1e18f;
  return d;
}
Iql::params small(Iql::params p) {
  p.policy.net.hidden = p.critic.net.hidden = p.value.net.hidden = {16};
  return p;
}
}  // namespace

TEST_CASE("as it is, a log with numbers of 1e30 cannot be learned from; with settings that suit it, it can") {
  const auto d = glitches();
  Iql as_it_is(d, small({}));
  CHECK_THROWS_AS(train(as_it_is, d, {.updates = 20}), Diverged);

  Iql::params p = small({});
  p.data = suit(d, p.data).params;
  Iql agent(d, p);
  double min = 0, max = 0;
  train(agent, d, {.updates = 50, .report_every = 10, .report = [&](const Report& r) {
                     for (const auto& [name, x] : r.metrics) min = std::min(min, x), max = std::max(max, x);
                   }});
  CHECK(max < 100);
  CHECK(min > -100);
}

TEST_CASE("a policy takes its clip with it") {
  const auto d = glitches();
  Iql::params p = small({});
  p.data = suit(d, p.data).params;
  Iql agent(d, p);
  const auto path = (std::filesystem::temp_directory_path() /
                     ("tessera-suited-" + std::to_string(std::random_device{}()) + ".safetensors"))
                        .string();
  save_checkpoint(agent, path);
  auto again = load_checkpoint<Iql>(path);
  std::filesystem::remove(path);
  CHECK(again.units().normalizer().observation_clip == 10);
  CHECK(again.units().normalizer().reward_limit == Approx(1));
  // What is beyond the clip is seen as its edge: as 1e20 is 1e30.
  const auto far = agent.act(torch::tensor({1e30f, 0.0f}).view({1, 2})),
             nearer = agent.act(torch::tensor({1e20f, 0.0f}).view({1, 2}));
  CHECK(at::equal(far, nearer));
  CHECK(at::equal(far, again.act(torch::tensor({1e30f, 0.0f}).view({1, 2}))));
}
