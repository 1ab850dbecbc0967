#include <tessera/algorithms/iql.hpp>
#include <tessera/data/action_chunks.hpp>
#include <tessera/train/train.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "laws/data_laws.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Episodes of 3, 4 and 2 transitions: the first is cut; in the second the task ends at the second step, and the log
/// goes on until it is cut; the third ends with the task.  Transition i has observation i, action i / 10, reward i + 1.
Dataset three_episodes(bool discrete = false) {
  Dataset data;
  data.name = "three", data.format = "test", data.observation_size = 1, data.action_size = discrete ? 9 : 1;
  data.kind = discrete ? action_kind::discrete : action_kind::continuous;
  if (!discrete) data.action_low = {-1}, data.action_high = {1};
  std::int64_t i = 0, row = 0;
  for (const std::int64_t steps : {3, 4, 2}) {
    data.episodes.push_back({i, steps, steps, 0, 0, true});
    for (std::int64_t t = 0; t < steps; ++t, ++i, ++row) {
      data.observations.push_back(float(i));
      data.observation_row.push_back(row), data.next_observation_row.push_back(row + 1);
      if (discrete) data.action_indices.push_back(i);
      else data.actions.push_back(0.1f * float(i));
      data.rewards.push_back(float(i + 1));
      data.terminals.push_back(i == 4 || i == 8), data.timeouts.push_back(i == 2 || i == 6);
    }
    data.observations.push_back(100 * float(data.episodes.size())), ++row;  // s' of the last: 100, 200, 300
  }
  return data;
}
Replay replay_of(const Dataset& data, std::vector<ReplayColumn> with = replay_columns(columns<column::follows>{})) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  struct {
    at::Device device = at::kCPU;
  } on;
  const auto units = nn::Units(nn::Units(Normalizer{{0}, {1}, 1, 0, data.action_low, data.action_high}), on);
  return Replay(data, all, units, at::kCPU, std::move(with));
}
/// The row of a batch that begins at transition i.
std::int64_t row_of(const batch<at::Tensor>& b, std::int64_t i) {
  const auto at = (b.rewards == double(i + 1)).nonzero();
  REQUIRE(at.size(0) > 0);
  return at[0].item<std::int64_t>();
}
template <class Column>
at::Tensor of(const batch<at::Tensor>& b, std::int64_t i) {
  return b.get<Column>()[row_of(b, i)].to(at::kFloat).reshape({-1});
}
}  // namespace

TEST_CASE("a chunk goes to the end of its episode, and through the end of the task where the log does", "[data]") {
  const auto data = three_episodes();
  const auto b = replay_of(data).sample_chunks(1, 1, 200, 3, 0.5);
  CHECK(b.get<column::chunk>().sizes() == at::IntArrayRef{200, 3});
  CHECK(b.get<column::n_step_next>().sizes() == at::IntArrayRef{200, 1});
  // In full: 3, 4, 5 with the end of the task at 4.
  CHECK(close(of<column::chunk>(b, 3), row({0.3, 0.4, 0.5}), 1e-6));
  CHECK(close(of<column::chunk_valid>(b, 3), row({1, 1, 1})));
  CHECK(close(of<column::n_step_reward>(b, 3), row({4 + 0.5 * 5 + 0.25 * 6})));
  CHECK(close(of<column::n_step_next>(b, 3), row({6})));
  CHECK(close(of<column::n_step_bootstrap>(b, 3), row({0})));
  // In full, up to a cut: the value behind it counts.
  CHECK(close(of<column::n_step_reward>(b, 0), row({1 + 0.5 * 2 + 0.25 * 3})));
  CHECK(close(of<column::n_step_next>(b, 0), row({100})));
  CHECK(close(of<column::n_step_bootstrap>(b, 0), row({0.125})));
  // Two steps before a cut.
  CHECK(close(of<column::chunk>(b, 1), row({0.1, 0.2, 0}), 1e-6));
  CHECK(close(of<column::chunk_valid>(b, 1), row({1, 1, 0})));
  CHECK(close(of<column::n_step_reward>(b, 1), row({2 + 0.5 * 3})));
  CHECK(close(of<column::n_step_next>(b, 1), row({100})));
  CHECK(close(of<column::n_step_bootstrap>(b, 1), row({0.25})));
  // Behind the end of the task, and the last of the log.
  CHECK(close(of<column::n_step_bootstrap>(b, 5), row({0.25})));
  CHECK(close(of<column::chunk>(b, 8), row({0.8, 0, 0}), 1e-6));
  CHECK(close(of<column::chunk_valid>(b, 8), row({1, 0, 0})));
  CHECK(close(of<column::n_step_reward>(b, 8), row({9})));
  CHECK(close(of<column::n_step_next>(b, 8), row({300})));
  CHECK(close(of<column::n_step_bootstrap>(b, 8), row({0})));

  const auto indices = replay_of(three_episodes(true)).sample_chunks(1, 1, 200, 3, 0.5);
  CHECK(indices.get<column::chunk>().scalar_type() == at::kLong);
  CHECK(close(of<column::chunk>(indices, 7), row({7, 8, 0})));
}

TEST_CASE("chunks of one step are the transitions that are drawn without", "[data]") {
  const auto replay = replay_of(three_episodes());
  const auto one = replay.sample_chunks(5, 7, 64, 1, 0.9), many = replay.sample_chunks(5, 7, 64, 20, 0.9),
             plain = replay.sample(5, 7, 64);
  CHECK(at::equal(one.observations, plain.observations));
  CHECK(at::equal(one.get<column::chunk>(), plain.actions));
  CHECK(at::equal(one.get<column::n_step_reward>(), plain.rewards));
  CHECK(at::equal(one.get<column::n_step_next>(), plain.next_observations));
  CHECK(close(one.get<column::n_step_bootstrap>(), 0.9 * plain.not_done));
  CHECK(at::equal(many.rewards, plain.rewards));
  CHECK(many.get<column::chunk_valid>().narrow(1, 4, 16).sum().item<double>() == 0);  // no episode is that long
}

// The authors' loop over the steps, with masks, ends and validity as in their `sample_sequence`, over whole arrays.
TEST_CASE("where a chunk counts, its columns are those of the authors' loop", "[data]") {
  const auto data = three_episodes();
  const std::int64_t h = 3, n = data.size();
  const double gamma = 0.9;
  const auto b = replay_of(data).sample_chunks(2, 1, 400, h, gamma);
  int full = 0;
  for (std::int64_t i = 0; i + h <= n; ++i) {
    double reward = 0, mask = 1, ended = 0;
    std::vector<double> valid;
    for (std::int64_t k = 0; k < h; ++k) {
      const auto at = std::size_t(i + k);
      valid.push_back(1 - ended);
      reward += std::pow(gamma, double(k)) * double(data.rewards[at]);
      mask = std::min(mask, data.terminals[at] ? 0.0 : 1.0);
      if (i + k == 2 || i + k == 6 || i + k == 8) ended = 1;  // their `terminals`: the ends of trajectories
    }
    CHECK(close(of<column::chunk_valid>(b, i), row({valid[0], valid[1], valid[2]})));
    if (valid.back() == 0) continue;
    ++full;
    CHECK(close(of<column::n_step_reward>(b, i), row({reward}), 1e-5));
    CHECK(close(of<column::n_step_bootstrap>(b, i), row({std::pow(gamma, double(h)) * mask}), 1e-6));
    CHECK(close(of<column::n_step_next>(b, i), row({double(data.next_observation(i + h - 1)[0])})));
  }
  CHECK(full == 3);  // 0, 3 and 4
}

TEST_CASE("an episode that is added online has chunks of its own", "[data]") {
  Replay replay(1, 1, false, at::kCPU, replay_columns(columns<column::follows>{}));
  // (s, a, r, m, s'): two steps that end with the task, and three that are cut.
  replay.append(matrix(2, 5, {0, 0.1, 1, 1, 1, 1, 0.2, 2, 0, 2}), true, 5);
  replay.append(matrix(3, 5, {5, 0.5, 3, 1, 6, 6, 0.6, 4, 1, 7, 7, 0.7, 5, 1, 8}), true, 5);
  const auto b = replay.sample_chunks(1, 1, 100, 2, 0.5);
  CHECK(close(of<column::chunk_valid>(b, 1), row({1, 0})));
  CHECK(close(of<column::n_step_bootstrap>(b, 0), row({0})));
  CHECK(close(of<column::n_step_reward>(b, 2), row({3 + 0.5 * 4})));
  CHECK(close(of<column::n_step_bootstrap>(b, 2), row({0.25})));
  CHECK(close(of<column::n_step_next>(b, 2), row({7})));
}

TEST_CASE("a replay without the links of episodes has no chunks", "[data]") {
  const auto replay = replay_of(three_episodes(), {});
  CHECK_THROWS_WITH(replay.sample_chunks(1, 1, 4, 3, 0.5), Catch::Contains("no column of follows"));
  CHECK_THROWS_WITH(replay_of(three_episodes()).sample_chunks(1, 1, 4, 0, 0.5), Catch::Contains("at least 1"));
}

namespace {
/// Clones as ever, and keeps what it sees of the chunks.
struct SeesChunks : no_parameters<role::actor_objective> {
  using reads =
      columns<column::chunk, column::chunk_valid, column::n_step_reward, column::n_step_next, column::n_step_bootstrap>;
  static inline std::vector<at::Tensor> chunk, reward, bootstrap, valid;
  template <class Step>
  static terms<typename Step::tensor> loss(const params&, Step& step) {
    chunk.push_back(step.template column<column::chunk>());
    reward.push_back(step.template column<column::n_step_reward>());
    bootstrap.push_back(step.template column<column::n_step_bootstrap>());
    valid.push_back(step.template column<column::chunk_valid>());
    return {"actor/sees", -step.pi(now).log_prob(step.action()).mean()};
  }
};
using Seeing = recipes::Iql::with<actor<SeesChunks>, data<ActionChunks>>;
}  // namespace

TEST_CASE("a learner's parts see chunks, with the learner's discount", "[data]") {
  const auto log = laws::ranked_episodes(20, 5, 3, 2);
  auto p = laws::small<Seeing>();
  p.data.steps = 4, p.critic.discount = 0.7;
  learner<Seeing> agent(log, p);
  train(agent, log, {.updates = 2, .batch = 64});
  REQUIRE(SeesChunks::chunk.size() == 2);
  CHECK(SeesChunks::chunk[0].sizes() == at::IntArrayRef{64, 8});
  CHECK(SeesChunks::valid[0].sizes() == at::IntArrayRef{64, 4});
  const auto k = SeesChunks::valid[0].sum(1);
  CHECK(((k >= 1) * (k <= 4)).all().item<bool>());
  CHECK(close(SeesChunks::bootstrap[0], at::pow(0.7, k), 1e-6));
  CHECK_FALSE(at::equal(SeesChunks::reward[0], SeesChunks::reward[1]));
}
