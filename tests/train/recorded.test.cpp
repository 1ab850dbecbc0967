#include <tessera/train/recorded.hpp>
//
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include <tessera/actor/behavior_cloning.hpp>
#include <tessera/algorithms.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>

#include "device/updates.hpp"

using namespace tessera;
using namespace support;

namespace {
template <class Agent>
std::map<std::string, at::Tensor> numbers_of(Agent& agent) {
  std::map<std::string, at::Tensor> out;
  agent.each_buffer([&](const std::string& name, auto& x) {
    if constexpr (std::is_same_v<std::decay_t<decltype(x)>, at::Tensor>) out[name] = x.cpu();
    else out[name] = at::full({}, x, at::kLong);
  });
  return out;
}

// To the bit on the pretended device; on a GPU a product may be computed otherwise where it is recorded, and Adam moves
// a number whose slope is all rounding by a step either way.
bool same_loss(const at::Tensor& x, const at::Tensor& y) {
  return other_device() == pretended::device ? x.equal(y) : same_numbers(x, y, 1e-3);
}
bool same_buffer(const std::string& name, const at::Tensor& x, const at::Tensor& y) {
  if (other_device() == pretended::device || !x.is_floating_point()) return x.equal(y);
  if (!name.ends_with("/parameters") && !name.ends_with("/target")) return x.sizes() == y.sizes();
  const auto apart = (x - y).abs();
  return apart.mean().item<double>() < 1e-5 && apart.max().item<double>() < 1e-2;
}

// A learner whose updates are recorded, so many in a launch, beside one whose updates are not: the same losses in every
// update, and the same numbers after them.  `least`: so many of the updates, or more, are repetitions.
template <class R>
void repeats(const char* name, const Dataset& data, params_of<R> p, std::int64_t updates = 8, std::int64_t least = 4,
             std::int64_t at_once = 1) {
  INFO(name);
  static_assert(learner<R>::capturable);
  const auto device = other_device();
  struct Seen {
    std::vector<std::string> names;
    std::vector<at::Tensor> values;
    std::map<std::string, at::Tensor> numbers;
  };
  const auto run = [&](bool record) {
    Seen seen;
    learner<R> agent(data, p, {.seed = 3, .device = device});
    auto replay = replay_for(agent, data, agent.transitions());
    agent.plan(updates);
    std::vector<std::string> said;
    std::int64_t made = 0;
    const auto see = [&](std::size_t, std::int64_t number, const auto& metrics) {
      REQUIRE(number == ++made);
      REQUIRE(agent.updates() == number);
      for (const auto& m : metrics) seen.names.push_back(m.name), seen.values.push_back(m.value.cpu());
    };
    auto make = recorded_updates(agent, replay, 16,
                                 {.made = see, .note = [&](const std::string& line) { said.push_back(line); }});
    for (std::int64_t k = 1; k <= updates; k += record ? at_once : 1) {
      if (record) {
        make.update_many(k, at_once);
      } else {
        agent.refill(replay);
        agent.update(agent.batch_for(replay, k, 16));
        see(0, k, agent.metrics());
      }
    }
    REQUIRE(agent.updates() == updates);
    if (record) {
      CAPTURE(said);
      CHECK(said.size() == 1);
      CHECK(make.repeated() >= least);
    }
    seen.numbers = numbers_of(agent);
    return seen;
  };
  const auto one_by_one = run(false), recorded = run(true);
  REQUIRE(recorded.names == one_by_one.names);
  for (std::size_t i = 0; i < recorded.names.size(); ++i) {
    INFO(recorded.names[i] << ", number " << i);
    CHECK(same_loss(recorded.values[i], one_by_one.values[i]));
  }
  for (const auto& [buffer, x] : one_by_one.numbers) {
    INFO(buffer);
    CHECK(same_buffer(buffer, recorded.numbers.at(buffer), x));
  }
}
template <class R>
void repeats(const char* name, const Dataset& data, std::int64_t updates = 8, std::int64_t least = 4,
             std::int64_t at_once = 1) {
  repeats<R>(name, data, small_networks<R>(), updates, least, at_once);
}
}  // namespace

TEST_CASE("recorded updates are those made one by one: weighted imitation", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  repeats<recipes::Bc>("Bc", data);
  repeats<recipes::Iql>("Iql", data);
  repeats<recipes::Awac>("Awac", data);
}

TEST_CASE("recorded updates are those made one by one: critics that the policy climbs", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  repeats<recipes::Td3Bc>("Td3Bc", data, 12);  // an actor every other time: two recordings
  repeats<recipes::Sac>("Sac", data);
  repeats<recipes::CalQl>("CalQl", data);
  repeats<recipes::Cql>("Cql", data);
  // Until update 4 its actor does without Q.
  auto p = small_networks<recipes::ReverseKlActorCritic>();
  p.actor.warmup_updates = 4;
  repeats<recipes::ReverseKlActorCritic>("ReverseKlActorCritic", data, p, 10);
}

TEST_CASE("recorded updates are those made one by one: generated actions, indices, chunks", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  repeats<recipes::Fql>("Fql", data);
  repeats<recipes::DiffusionBc>("DiffusionBc", data, params_of<recipes::DiffusionBc>{});
  repeats<recipes::Qc>("Qc", data);
  repeats<recipes::DiscreteCql>("DiscreteCql", builtin_dataset("cartpole-mixed"));
}

TEST_CASE("a step size that decays over the run decays in recorded updates", "[train][recorded]") {
  auto p = small_networks<recipes::Bc>();
  p.policy.adam.cosine_steps = of_the_run, p.policy.adam.weight_decay = 0.1, p.policy.adam.max_gradient_norm = 0.5;
  repeats<recipes::Bc>("Bc", builtin_dataset("pendulum-mixed"), p);
  p.policy.adam.decoupled = true;
  repeats<recipes::Bc>("Bc", builtin_dataset("pendulum-mixed"), p);
}

namespace {
// Cloning that decides by a number which it reads.
struct Peeks : BehaviorCloning {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto sum = BehaviorCloning::loss(h, step);
    if (sum.items[0].value.template item<float>() < -1e9f) return {};
    return sum;
  }
};
// Cloning that counts the updates, and does not say in what rhythm.
struct Counts : BehaviorCloning {
  template <class Step>
  static terms<typename Step::tensor> loss(const params& h, Step& step) {
    auto sum = BehaviorCloning::loss(h, step);
    if (step.update() % 3 == 0) sum.items[0].value = 2 * sum.items[0].value;
    return sum;
  }
};
// The same, that says so.
struct Says : Counts {
  static rhythm rhythm_of(const params&) { return {.period = 3}; }
};
struct Declines : BehaviorCloning {
  static constexpr bool capturable = false;
};
template <class Part>
struct CloningBy : recipes::Bc::with<actor<Part>> {};

template <class R>
std::string said_of(std::int64_t repeated) {
  const auto data = builtin_dataset("pendulum-mixed");
  learner<R> agent(data, small_networks<R>(), {.device = other_device()});
  auto replay = replay_for(agent, data, agent.transitions());
  std::string all;
  auto make = recorded_updates(agent, replay, 16, {.note = [&](const std::string& line) { all += line + "\n"; }});
  for (std::int64_t k = 1; k <= 6; ++k) make(k);
  CHECK(agent.updates() == 6);
  CHECK(make.repeated() == repeated);
  for (const auto& m : agent.metrics()) CHECK(m.value.isfinite().all().template item<bool>());
  return all;
}
}  // namespace

TEST_CASE("several updates in one launch are those made one by one", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  repeats<recipes::Iql>("Iql", data, 12, 6, 3);
  repeats<recipes::Td3Bc>("Td3Bc", data, 16, 8, 4);
}

TEST_CASE("what cannot be recorded is made one by one, in a line that says why", "[train][recorded]") {
  using Catch::Matchers::Contains;
  CHECK_THAT(said_of<CloningBy<Peeks>>(0), Contains("one by one from update 3 on"));
  CHECK_THAT(said_of<CloningBy<Counts>>(0), Contains("one by one from update 3 on") && Contains("rhythm_of"));
  CHECK_THAT(said_of<CloningBy<Declines>>(0), Contains("Declines: ") && Contains("decides by numbers that it reads"));
  static_assert(!learner<recipes::Mopo>::capturable && !learner<recipes::Awr>::capturable);
  repeats<CloningBy<Says>>("Says", builtin_dataset("pendulum-mixed"), 14, 5);
}

TEST_CASE("updates with equal patterns ask the device for the same", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  const learner<recipes::Td3Bc> delayed(data, small_networks<recipes::Td3Bc>());  // an actor every other time
  CHECK(delayed.pattern(1) == delayed.pattern(3));
  CHECK(delayed.pattern(2) == delayed.pattern(4));
  CHECK(delayed.pattern(1) != delayed.pattern(2));
  auto p = small_networks<recipes::ReverseKlActorCritic>();
  p.actor.warmup_updates = 4;
  const learner<recipes::ReverseKlActorCritic> warming(data, p);
  CHECK(warming.pattern(4).empty());
  CHECK_FALSE(warming.pattern(5).empty());
  CHECK(warming.pattern(5) == warming.pattern(6));
}

TEST_CASE("on the CPU updates are made one by one, and nothing is said", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  learner<recipes::Bc> agent(data, small_networks<recipes::Bc>());
  auto replay = replay_for(agent, data, agent.transitions());
  auto make = recorded_updates(agent, replay, 16, {.note = [](const std::string& line) { FAIL(line); }});
  for (std::int64_t k = 1; k <= 4; ++k) make(k);
  CHECK(agent.updates() == 4);
  CHECK(make.repeated() == 0);
}

TEST_CASE("train ends a launch where there is a report or a pause", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  const auto run = [&](bool record) {
    learner<recipes::Bc> agent(data, small_networks<recipes::Bc>(), {.device = other_device()});
    std::vector<std::int64_t> after, reports;
    train(agent, data,
          {.updates = 23,
           .batch = 16,
           .report_every = 10,
           .report = [&](const Report& r) { reports.push_back(r.updates); },
           .after_update = [&](std::int64_t k) { return after.push_back(k), true; },
           .record = record,
           .updates_per_launch = 4,
           .pauses = {6}});
    CHECK(reports == std::vector<std::int64_t>{10, 20, 23});
    if (record) CHECK(after == std::vector<std::int64_t>{4, 6, 10, 12, 16, 18, 20, 23});
    return numbers_of(agent);
  };
  const auto one_by_one = run(false), recorded = run(true);
  for (const auto& [buffer, x] : one_by_one) CHECK(same_buffer(buffer, recorded.at(buffer), x));
  learner<recipes::Bc> agent(data, small_networks<recipes::Bc>());
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(train(agent, data, {.updates_per_launch = 0}), Contains("updates_per_launch must be at least 1"));
  CHECK_THROWS_WITH(train(agent, data, {.pauses = {10, 0}}), Contains("pauses must be at least 1"));
}

TEST_CASE("train records on a device, to the numbers of updates made one by one", "[train][recorded]") {
  const auto data = builtin_dataset("pendulum-mixed");
  const auto run = [&](bool record) {
    learner<recipes::Td3Bc> agent(data, small_networks<recipes::Td3Bc>(), {.seed = 1, .device = other_device()});
    std::vector<std::int64_t> seen;
    std::string said;
    train(agent, data,
          {.updates = 9,
           .batch = 16,
           .report_every = 4,
           .after_update = [&](std::int64_t k) { return seen.push_back(k), true; },
           .record = record,
           .note = [&](const std::string& line) { said += line; }});
    CHECK(seen == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(said.empty() == !record);
    return numbers_of(agent);
  };
  const auto one_by_one = run(false), recorded = run(true);
  for (const auto& [buffer, x] : one_by_one) CHECK(same_buffer(buffer, recorded.at(buffer), x));
}
