#include <tessera/train/together.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <tessera/algorithms/awac.hpp>
#include <tessera/algorithms/awr.hpp>
#include <tessera/algorithms/flow_bc.hpp>
#include <tessera/algorithms/iql.hpp>
#include <tessera/algorithms/mopo.hpp>
#include <tessera/algorithms/td3_bc.hpp>
#include <tessera/algorithms/xql.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <type_traits>

#include "helpers/in_ranks.hpp"

using namespace tessera;
using namespace support;
using Catch::Matchers::Contains;

namespace {
const Dataset& pendulum() {
  static const auto data = builtin_dataset("pendulum-mixed");
  return data;
}
template <class Agent>
typename Agent::params small() {
  typename Agent::params p;
  const auto narrow = [](auto& part) { part.net.hidden = {32, 32}; };
  narrow(p.policy);
  if constexpr (requires { p.critic.net; }) narrow(p.critic);
  if constexpr (requires { p.value.net; }) narrow(p.value);
  return p;
}
struct Run {
  std::vector<Report> reports;
  std::uint64_t hash = 0;
};
template <class Agent>
Run run(nn::JointUpdates* joint, std::int64_t updates = 30, std::int64_t batch = 96) {
  Agent agent(pendulum(), small<Agent>(), {.seed = 5});
  Run out;
  train(agent, pendulum(),
        {.updates = updates,
         .batch = batch,
         .report_every = 10,
         .report = [&](const Report& r) { out.reports.push_back(r); },
         .joint = joint});
  out.hash = buffers_hash(agent);
  return out;
}
/// The same on so many ranks.
template <class Agent>
std::vector<Run> runs(int size, const nn::JointOptions& o = {}) {
  std::vector<Run> out(static_cast<std::size_t>(size));
  const auto said = in_ranks(size, [&](nn::Ranks& ranks) {
    nn::JointUpdates joint(ranks, o);
    out[std::size_t(ranks.rank())] = run<Agent>(&joint);
  });
  for (const auto& text : said) CHECK(text == "");
  return out;
}
void compare(const Run& joint, const Run& alone) {
  REQUIRE(joint.reports.size() == alone.reports.size());
  for (std::size_t i = 0; i < alone.reports.size(); ++i) {
    REQUIRE(joint.reports[i].metrics.size() == alone.reports[i].metrics.size());
    for (std::size_t k = 0; k < alone.reports[i].metrics.size(); ++k) {
      const auto& [name, x] = alone.reports[i].metrics[k];
      CAPTURE(name, i);
      CHECK(joint.reports[i].metrics[k].first == name);
      CHECK(std::abs(joint.reports[i].metrics[k].second - x) <= 1e-5 * std::max(1.0, std::abs(x)));
    }
  }
}
}  // namespace

TEST_CASE("ranks learn what one process learns from the joint batch") {
  if (!nn::has_ranks()) return;
  const auto iql = run<Iql>(nullptr), flow = run<FlowBc>(nullptr);
  for (const int size : {2, 3}) {
    CAPTURE(size);
    const auto joint = runs<Iql>(size);
    for (const auto& r : joint) {
      CHECK(r.hash == joint[0].hash);
      compare(r, iql);
    }
    // A flow draws a time and a noise for each row of the batch: those of the joint batch's.
    const auto drawn = runs<FlowBc>(size);
    for (const auto& r : drawn) compare(r, flow);
  }
}

TEST_CASE("what an algorithm takes over a batch is that of the joint one") {
  if (!nn::has_ranks()) return;
  const auto same = [](auto agent) {
    using Agent = typename decltype(agent)::type;
    CAPTURE(type_name<typename Agent::recipe_type>());
    const auto alone = run<Agent>(nullptr);
    for (const auto& r : runs<Agent>(2)) compare(r, alone);
  };
  same(std::type_identity<Td3Bc>{});  // the mean of |Q|
  same(std::type_identity<Awac>{});   // weights that sum to one
  same(std::type_identity<Xql>{});    // the largest exponent
  same(std::type_identity<Awr>{});    // standardized advantages
}

TEST_CASE("one rank is to the bit what a process is that knows of none") {
  const auto ranks = nn::connect({});
  nn::JointUpdates joint(*ranks);
  const auto alone = run<Iql>(nullptr), one = run<Iql>(&joint);
  REQUIRE(alone.reports.size() == one.reports.size());
  for (std::size_t i = 0; i < alone.reports.size(); ++i)
    for (std::size_t k = 0; k < alone.reports[i].metrics.size(); ++k)
      CHECK(alone.reports[i].metrics[k].second == one.reports[i].metrics[k].second);
  CHECK(alone.hash == one.hash);
}

TEST_CASE("ranks that draw from shares of their own stay equal, and learn from other batches") {
  if (!nn::has_ranks()) return;
  const auto sharded = runs<Iql>(2, {.sharded = true}), joint = runs<Iql>(2);
  CHECK(sharded[0].hash == sharded[1].hash);
  CHECK(sharded[0].hash != joint[0].hash);
}

TEST_CASE("ranks that are not equal any more all stop, with one line") {
  if (!nn::has_ranks()) return;
  const auto said = in_ranks(2, [](nn::Ranks& ranks) {
    nn::JointUpdates joint(ranks, {.check_every = 10});
    Iql agent(pendulum(), small<Iql>(), {.seed = 5});
    train(agent, pendulum(),
          {.updates = 100,
           .batch = 32,
           .after_update =
               [&](std::int64_t k) {
                 if (k == 15 && ranks.rank() == 1)
                   agent.each_buffer([](const std::string& name, auto& x) {
                     if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>)
                       if (name.find("first_moment") != std::string::npos) x.add_(1e-3);
                   });
                 return true;
               },
           .joint = &joint});
  });
  for (const auto& text : said)
    CHECK_THAT(text, Contains("ranks 0 and 1 do not have equal parameters any more after update 20"));
}

TEST_CASE("all stop after one update more where one is told to") {
  if (!nn::has_ranks()) return;
  std::vector<std::int64_t> made(2);
  const auto said = in_ranks(2, [&](nn::Ranks& ranks) {
    nn::JointUpdates joint(ranks);
    Iql agent(pendulum(), small<Iql>(), {.seed = 5});
    train(agent, pendulum(),
          {.updates = 100,
           .batch = 32,
           .after_update = [&](std::int64_t k) { return ranks.rank() == 0 || k < 7; },
           .joint = &joint});
    made[std::size_t(ranks.rank())] = agent.updates();
  });
  for (const auto& text : said) CHECK(text == "");
  CHECK(made == std::vector<std::int64_t>{8, 8});
}

TEST_CASE("a rank with another learner, and what one process alone can train, are refused") {
  if (!nn::has_ranks()) return;
  const auto said = in_ranks(2, [](nn::Ranks& ranks) {
    nn::JointUpdates joint(ranks);
    auto p = small<Iql>();
    if (ranks.rank() == 1) p.value.net.hidden = {16};
    Iql agent(pendulum(), p, {.seed = 5});
    train(agent, pendulum(), {.updates = 5, .batch = 32, .joint = &joint});
  });
  CHECK_THAT(said[0], Contains("have learners with different parameters"));
  const auto ranks = nn::connect({});
  nn::JointUpdates joint(*ranks);
  Mopo::params p;
  p.dynamics.net.hidden = {8}, p.dynamics.max_epochs = 1;
  Mopo model(pendulum(), p);
  model.dynamics().trained.value = 1;
  CHECK_THROWS_WITH(train(model, pendulum(), {.updates = 5, .batch = 32, .joint = &joint}),
                    Contains("learns from imagined transitions"));
}
