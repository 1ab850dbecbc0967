#include <tessera/critic/chunk_backup.hpp>

#include <cmath>

#include <tessera/critic/average_policy_backup.hpp>
#include <tessera/policy/deterministic.hpp>

#include <tessera/actor/maximize_q.hpp>
#include <tessera/data/chunk_transitions.hpp>
#include <tessera/policy/chunked.hpp>
#include <tessera/support/random.hpp>
#include <tessera/train/train.hpp>

#include "helpers/fixed_step.hpp"
#include "laws/probe.hpp"

using namespace tessera;
using namespace support;

namespace {
struct ChunkStep : FixedStep<DeterministicPolicy> {
  tensor valid;
  template <class C>
  const tensor& column() const {
    return valid;
  }
};
}  // namespace

TEST_CASE("backup over chunks of three steps, of which those across an end have no weight, by hand", "[critic]") {
  // Three chunks of three steps: a whole one, one in whose second step the task ends, and one that the episode's end
  // cuts after two; gamma = 1/2.  Rewards are sums over the steps: 1 + 2/2 + 4/4, 2 + 4/2, 8 + 0; and bootstraps
  // gamma^2, none, gamma.
  ChunkStep step;
  step.heads[next] = {matrix(3, 1, {std::atanh(0.5), 0, 0}), {}};
  step.rewards = row({3, 4, 8}), step.mask = row({0.25, 0, 0.5}), step.actions = at::zeros({3, 3}, at::kDouble);
  step.valid = matrix(3, 3, {1, 1, 1, 1, 1, 1, 1, 1, 0});
  step.target_q = [](place where, const at::Tensor& a) {
    CHECK(where == next);
    CHECK(close(a, matrix(3, 1, {0.5, 0, 0})));
    return matrix(2, 3, {8, 1, 100, 24, 3, 100});  // in the mean 16, 2, 100
  };
  // y = 3 + 1/8 16 = 5, and 4; of the members' values 7, 5 and 3, 4 the squares are 4, 1 and 4, 0; the third counts
  // nowhere, but as one of three.
  const auto q = leaf(matrix(2, 3, {7, 5, -50, 3, 4, 1000}));
  step.trained_q = [&](place, const at::Tensor&) { return q; };
  CriticParams h;
  h.discount = 0.5;
  const auto loss = only(ChunkBackup<AveragePolicyBackup>::loss(h, step), "critic/td");
  CHECK(number(loss) == Approx((4 + 1 + 4) / 3.0));
  loss.backward();
  CHECK(close(q.grad(), matrix(2, 3, {4.0 / 3, 2.0 / 3, 0, -4.0 / 3, 0, 0})));
  // A Huber loss of delta 1: |e| - 1/2 beyond, which is 3/2, 1/2, 3/2.
  h.huber = 1;
  CHECK(number(only(ChunkBackup<AveragePolicyBackup>::loss(h, step), "critic/td")) == Approx(3.5 / 3));
}

namespace {
using OnALine = recipe<policy<Chunked<DeterministicPolicy>>, critic<ChunkBackup<AveragePolicyBackup>>, actor<MaximizeQ>,
                       tessera::data<ChunkTransitions>>;
/// A point on a line: x' = x + a, paid x; a is anything in -1 .. 1.  Episodes of 1 to 6 steps, then cut.
Dataset walks() {
  Dataset data;
  data.name = "walks", data.format = "test", data.observation_size = data.action_size = 1;
  data.action_low = {-1}, data.action_high = {1};
  Random random(5, 0, 0);
  std::int64_t i = 0, row = 0;
  for (int e = 0; e < 600; ++e) {
    const std::int64_t steps = 1 + std::int64_t(random.below(6));
    data.episodes.push_back({i, steps, steps, 0, 0, true});
    double x = random.uniform(-1, 1);
    for (std::int64_t t = 0; t < steps; ++t, ++i, ++row) {
      const double a = random.uniform(-1, 1);
      data.observations.push_back(float(x));
      data.observation_row.push_back(row), data.next_observation_row.push_back(row + 1);
      data.actions.push_back(float(a)), data.rewards.push_back(float(x));
      data.terminals.push_back(0), data.timeouts.push_back(t + 1 == steps);
      x += a;
    }
    data.observations.push_back(float(x)), ++row;
  }
  return data;
}
}  // namespace

TEST_CASE("the critic of chunks comes to the value of the policy of chunks, on a line, exactly", "[critic][learning]") {
  // The policy always goes c = 1/2, for chunks of two steps.  With g = 0.8:
  //   V(x) = sum_t g^t (x + c t) = x / (1-g) + c g / (1-g)^2
  //   Q(x, a, b) = x + g (x + a) + g^2 V(x + a + b)
  // which is linear: 5 of x, 4 of a, 3.2 of b, and 0.64 c 0.8 / 0.04 = 6.4.  Chunks that are cut would have other
  // values: their b is 0 and their target g V(x + a) + x, of which the constant is 8.
  auto p = laws::small<OnALine>();
  p.data.steps = 2, p.data.standardize = false;
  p.critic.net.hidden = p.policy.net.hidden = {};
  p.critic.discount = 0.8, p.critic.polyak = 0.2, p.critic.adam = {.learning_rate = 0.05, .cosine_steps = 3000};
  p.policy.adam.learning_rate = 0;
  const auto data = walks();
  learner<OnALine> agent(data, p, {.seed = 3});
  {
    at::NoGradGuard guard;
    auto& net = agent.state_of<tessera::policy>().net;
    const auto line = net.mlp().look(net.parameters()).layers.back();
    line.weight.zero_(), line.bias.fill_(std::atanh(0.5));
    net.move(at::zeros_like(net.parameters()));
  }
  train(agent, data, {.updates = 3000, .batch = 128});
  auto& net = agent.state_of<tessera::critic>().net;
  const auto line = net.mlp().look(net.parameters()).layers.back();
  for (int member = 0; member < 2; ++member) {
    CHECK(close(line.weight.detach()[member].view({3}), row({5, 4, 3.2}), 0.01));
    CHECK(number(line.bias.detach()[member].sum()) == Approx(6.4).margin(0.02));
  }
  // A chunk of the policy, in the task's actions.
  CHECK(close(agent.act_chunk(at::zeros({1, 1})), at::full({1, 2, 1}, 0.5), 1e-6));
}
