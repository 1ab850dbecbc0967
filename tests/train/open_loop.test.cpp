#include <tessera/algorithms/qc_fql.hpp>
#include <tessera/checkpoint.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/sources/builtin.hpp>
#include <tessera/torch.hpp>
#include <tessera/train/evaluate.hpp>
#include <tessera/train/train_online.hpp>

#include <map>
#include <string>
#include <vector>

#include "helpers/files.hpp"
#include "laws/probe.hpp"

using namespace tessera;
using namespace support;

namespace {
using Qc = recipes::QcFql;

/// Plans three actions at once: 100 times the copy's observation, and the step of the plan.
struct Planner {
  struct {
    std::int64_t observation_size = 1, action_size = 1;
    at::Device device = at::kCPU;
  } on;
  using space = Continuous;
  std::vector<std::int64_t> keys{};
  const auto& problem() const { return on; }
  std::int64_t actions_at_once() const { return 3; }
  at::Tensor act(const at::Tensor&, std::int64_t) { throw std::logic_error("asked for one action alone"); }
  at::Tensor act_chunk(const at::Tensor& x, std::int64_t key) {
    keys.push_back(key);
    return (100 * x.unsqueeze(1) + at::arange(3, at::kFloat).view({1, 3, 1}));
  }
};
/// Shows how many steps were done, and ten times the copy's number; the copies with odd numbers end at step 4.
struct Counting {
  using space = Continuous;
  struct Copies {
    using space = Continuous;
    using action_type = float;
    std::vector<float> seen;
    int t = 0;
    std::int64_t count() const { return std::int64_t(seen.size()); }
    int horizon() const { return 7; }
    const float* observations() const { return seen.data(); }
    void step(const float*, float* rewards, std::uint8_t* terminated) {
      ++t;
      for (std::size_t i = 0; i < seen.size(); ++i) seen[i] += 1, rewards[i] = 0, terminated[i] = i % 2 == 1 && t == 4;
    }
    void reset(std::uint64_t) {}
  };
  std::string name() const { return "counting"; }
  std::int64_t observation_size() const { return 1; }
  std::int64_t action_size() const { return 1; }
  int default_horizon() const { return 7; }
  Copies make(std::int64_t count, int, std::uint64_t) const {
    Copies c;
    for (std::int64_t i = 0; i < count; ++i) c.seen.push_back(10.0f * float(i));
    return c;
  }
};

const Dataset& pendulum() {
  static const Dataset data = builtin_dataset("pendulum-mixed");
  return data;
}
params_of<Qc> small() {
  auto p = laws::small<Qc>();
  p.data.steps = 3, p.behavior.model.steps = 2;
  return p;
}
OnlineOptions of(std::int64_t steps) {
  OnlineOptions o;
  o.steps = steps, o.environments = 2, o.horizon = 7, o.updates_per_step = 0.5;
  o.training.batch = 16, o.training.report_every = 5;
  return o;
}
}  // namespace

TEST_CASE("an evaluation does the chunk that was begun, and looks again at every h-th step", "[train]") {
  Planner agent;
  std::vector<std::vector<float>> done;
  evaluate(agent, Counting{}, {.episodes = 2, .watch = [&](const EvaluationStep& s) {
                                 done.push_back({s.actions[0], s.actions[1]});
                               }});
  CHECK(agent.keys == std::vector<std::int64_t>{0, 3, 6});
  // Copy 0 is at 0, 3, 6; copy 1 at 10 and 13, then its episode has ended, and it is seen as 0.
  const std::vector<std::vector<float>> wanted{{0, 1000},   {1, 1001},   {2, 1002}, {300, 1300},
                                               {301, 1301}, {302, 1302}, {600, 0}};
  CHECK(done == wanted);
}

TEST_CASE("copies that are looked at in parts have a chunk each", "[train]") {
  Planner agent;
  std::vector<float> last;
  evaluate(agent, Counting{}, {.episodes = episodes_at_once + 1, .horizon = 2, .watch = [&](const EvaluationStep& s) {
                                 last = {s.actions[0], s.actions[episodes_at_once]};
                               }});
  CHECK(agent.keys == std::vector<std::int64_t>{0, std::int64_t{1} << 32});
  CHECK(last == std::vector<float>{1, 1000.0f * float(episodes_at_once) + 1});
}

TEST_CASE("online, a copy does its chunk, and begins another with its episode", "[train][online]") {
  learner<Qc> agent(pendulum(), small());
  auto replay = replay_for(agent, pendulum(), agent.transitions(pendulum()));
  Experience experience(3, 1, false);
  // The agent stands still, so that what it begins at a step is known: its exploration at that step, of rows that have
  // nothing left.
  auto o = of(28);
  o.updates_per_step = 0;
  train_online(agent, replay, TaskOf<Pendulum>{}, experience, o);
  learner<Qc> other(pendulum(), small());
  std::map<std::int64_t, std::vector<float>> began;  // of each step, the actions that it would begin
  for (std::int64_t i = 0; i < experience.size(); i += 2) {
    const auto x = at::tensor({experience[i].observation[0], experience[i].observation[1], experience[i].observation[2],
                               experience[i + 1].observation[0], experience[i + 1].observation[1],
                               experience[i + 1].observation[2]})
                       .view({2, 3});
    for (std::int64_t copy = 0; copy < 2; ++copy) other.begin_episode(copy);
    const auto a = other.explore(x, i, 0.1);
    began[i / 2] = {a[0].item<float>(), a[1].item<float>()};
  }
  // Steps 0 to 6 are the first episode, 7 to 13 the second: chunks begin at its steps 0, 3 and 6.
  for (std::int64_t t = 0; t < 14; ++t)
    for (std::int64_t copy = 0; copy < 2; ++copy) {
      INFO("step " << t << ", copy " << copy);
      const float did = experience[2 * t + copy].action[0], would = began[t][std::size_t(copy)];
      CHECK((did == would) == (t % 7 % 3 == 0));
    }
}

TEST_CASE("an online phase that was stopped within chunks goes on to the bit, from its checkpoint", "[train][online]") {
  const Folder folder;
  const auto run = [&](const std::vector<std::int64_t>& stops) {
    auto agent = std::make_unique<learner<Qc>>(pendulum(), small());
    Experience experience(3, 1, false);
    for (const auto stop : stops) {
      auto replay = replay_for(*agent, pendulum(), agent->transitions(pendulum()));
      auto o = of(40);
      o.after_step = [&](std::int64_t steps) { return steps < stop; };
      train_online(*agent, replay, TaskOf<Pendulum>{}, experience, o);
      CHECK(experience.size() == stop);
      save_checkpoint(*agent, folder / "a.safetensors");
      agent = std::make_unique<learner<Qc>>(load_checkpoint<learner<Qc>>(folder / "a.safetensors"));
    }
    return laws::numbers_of(*agent);
  };
  const auto whole = run({40}), parts = run({10, 16, 40});  // in the middle of a chunk, and of an episode
  CHECK(whole.at("policy/pending").sizes() == at::IntArrayRef({2, 4}));
  CHECK(laws::listed(laws::different(whole, parts)) == "");
}

TEST_CASE("what is left of chunks is of another phase where a new one begins", "[train][online]") {
  const auto run = [](bool twice) {
    learner<Qc> agent(pendulum(), small());
    auto o = of(8);
    o.updates_per_step = 0;
    if (twice) train_online<Pendulum>(agent, pendulum(), o);  // ends in a chunk
    const auto seen = train_online<Pendulum>(agent, pendulum(), o);
    std::vector<float> actions;
    for (std::int64_t i = 0; i < seen.size(); ++i) actions.push_back(seen[i].action[0]);
    return actions;
  };
  CHECK(run(true) == run(false));
}

TEST_CASE("a checkpoint of chunks whose rows are of another width is damaged", "[train][checkpoint]") {
  const Folder folder;
  auto agent = laws::fresh<Qc>(small());
  agent.explore(at::randn({3, 3}), 0, 0);
  save_checkpoint(agent, folder / "a.safetensors");
  auto again = load_checkpoint<learner<Qc>>(folder / "a.safetensors");
  CHECK(at::equal(laws::numbers_of(again).at("policy/pending"), laws::numbers_of(agent).at("policy/pending")));
  agent.state_of<tessera::policy>().pending.value = at::zeros({3, 6});  // and not 1 + 3 * 2
  save_checkpoint(agent, folder / "b.safetensors");
  CHECK_THROWS_WITH(load_checkpoint<learner<Qc>>(folder / "b.safetensors"),
                    Catch::Contains("is damaged: its hyper-parameters ask for"));
}
