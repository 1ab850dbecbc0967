#include <tessera/train/train_many.hpp>
//
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tessera/algorithms.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "device/updates.hpp"

using namespace tessera;
using namespace support;

namespace {
struct Outcome {
  std::map<std::string, at::Tensor> numbers;
  std::vector<Report> reports;
};
template <class Agent>
Outcome outcome_of(Agent& agent, std::vector<Report> reports) {
  Outcome out{{}, std::move(reports)};
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out.numbers[name] = x.cpu();
    else out.numbers[name] = at::full({}, x, at::kLong);
  });
  return out;
}
// To the bit, but on a GPU, where a product may be computed otherwise beside others.
void require_same(const Outcome& x, const Outcome& y, const at::Device& device) {
  const double tolerance = device.is_cpu() || device == pretended::device ? 0 : 1e-3;
  REQUIRE(x.numbers.size() == y.numbers.size());
  for (const auto& [name, tensor] : x.numbers) {
    INFO(name);
    if (tolerance == 0) CHECK(tensor.equal(y.numbers.at(name)));
    else CHECK((tensor.to(at::kDouble) - y.numbers.at(name).to(at::kDouble)).abs().mean().item<double>() < tolerance);
  }
  REQUIRE(x.reports.size() == y.reports.size());
  for (std::size_t i = 0; i < x.reports.size(); ++i) {
    const auto &a = x.reports[i], &b = y.reports[i];
    CHECK(a.updates == b.updates);
    CHECK(a.partial == b.partial);
    REQUIRE(a.metrics.size() == b.metrics.size());
    for (std::size_t k = 0; k < a.metrics.size(); ++k) {
      CHECK(a.metrics[k].first == b.metrics[k].first);
      if (tolerance == 0) CHECK(a.metrics[k].second == b.metrics[k].second);
      else CHECK(a.metrics[k].second == Approx(b.metrics[k].second).epsilon(tolerance));
    }
  }
}

// Agents that are trained together, beside each of them trained alone.
template <class R>
void together(const std::vector<params_of<R>>& settings, const at::Device& device, std::int64_t at_once = 1) {
  const auto data = builtin_dataset("pendulum-mixed");
  const auto agents = [&] {
    std::vector<learner<R>> all;
    for (std::size_t i = 0; i < settings.size(); ++i)
      all.emplace_back(data, settings[i], learner_options<torch_backend>{.seed = i / 2, .device = device});
    return all;
  };
  std::vector<std::vector<Report>> reports(settings.size());
  std::vector<std::int64_t> after;
  std::string said;
  auto many = agents();
  train_many(std::span(many), data,
             {.updates = 26,
              .batch = 16,
              .report_every = 8,
              .report = [&](std::size_t i, const Report& r) { reports[i].push_back(r); },
              .after_update = [&](std::int64_t k) { return after.push_back(k), true; },
              .updates_per_launch = at_once,
              .note = [&](const std::string& line) { said += line + "\n"; }});
  CHECK(after.back() == 26);
  CHECK((said.find("side by side") != std::string::npos) == !device.is_cpu());
  CHECK(said.find("one by one") == std::string::npos);
  auto single = agents();
  for (std::size_t i = 0; i < settings.size(); ++i) {
    INFO("agent " << i);
    std::vector<Report> own;
    train(single[i], data,
          {.updates = 26,
           .batch = 16,
           .report_every = 8,
           .report = [&](const Report& r) { own.push_back(r); },
           .record = false});
    require_same(outcome_of(many[i], reports[i]), outcome_of(single[i], own), device);
  }
}
}  // namespace

TEST_CASE("seeds that are trained together are those trained alone", "[train][train_many]") {
  using recipes::Iql, recipes::Td3Bc, recipes::Sac;
  together<Iql>({3, small_networks<Iql>()}, other_device());
  together<Iql>({3, small_networks<Iql>()}, other_device(), 4);
  together<Sac>({2, small_networks<Sac>()}, other_device());
  together<Iql>({2, small_networks<Iql>()}, at::kCPU, 4);
  // Two settings, whose actors are due at other times.
  auto eager = small_networks<Td3Bc>(), lazy = eager;
  eager.schedule.actor = 1, lazy.schedule.actor = 3;
  together<Td3Bc>({eager, lazy}, other_device());
}

TEST_CASE("what stops one stops all", "[train][train_many]") {
  const auto data = builtin_dataset("pendulum-mixed");
  std::vector<learner<recipes::Bc>> all;
  for (std::uint64_t seed = 0; seed < 2; ++seed)
    all.emplace_back(data, small_networks<recipes::Bc>(), learner_options<torch_backend>{.seed = seed});
  std::vector<std::int64_t> partial;
  train_many(std::span(all), data,
             {.updates = 20,
              .batch = 16,
              .report_every = 4,
              .report =
                  [&](std::size_t, const Report& r) {
                    if (r.partial) partial.push_back(r.updates);
                  },
              .after_update = [](std::int64_t k) { return k < 6; }});
  for (auto& agent : all) CHECK(agent.updates() == 6);
  CHECK(partial == std::vector<std::int64_t>{6, 6});
}

TEST_CASE("agents that cannot go together are refused", "[train][train_many]") {
  using Catch::Matchers::Contains;
  using L = learner<recipes::Bc>;
  const auto data = builtin_dataset("pendulum-mixed");
  const auto small = small_networks<recipes::Bc>();
  std::vector<L> all;
  all.emplace_back(data, small), all.emplace_back(data, small);
  train(all[0], data, {.updates = 3, .batch = 16});
  CHECK_THROWS_WITH(train_many(std::span(all), data, {.batch = 16}),
                    Contains("one agent has made 3 updates and another 0"));
  std::vector<L> apart;
  apart.emplace_back(data, small);
  apart.emplace_back(data, small, learner_options<torch_backend>{.device = other_device()});
  auto replay = replay_for(apart[0], data, apart[0].transitions());
  CHECK_THROWS_WITH(recorded_updates(std::span(apart), replay, 16), Contains("agents on two devices"));
  CHECK_THROWS_WITH(recorded_updates(std::span<L>(), replay, 16), Contains("there is no agent"));
  CHECK_THROWS_WITH(train_many(std::span(apart), replay, {.batch = 0}), Contains("batch must be at least 1"));
}
