#include <tessera/data/chunk_transitions.hpp>

#include <vector>

#include <tessera/math/target.hpp>
#include <tessera/train/replay.hpp>

#include "laws/data_laws.hpp"

using namespace tessera;
using namespace support;

namespace {
/// Episodes of 4 and 5 transitions: in the first the task ends at the third, and the log goes on until it is cut; the
/// second is cut.  Transition i has observation i, action i / 10, reward i + 1, and leads to observation i + 1.
Dataset two_episodes() {
  Dataset data;
  data.name = "two", data.format = "test", data.observation_size = 1, data.action_size = 1;
  data.action_low = {-1}, data.action_high = {1};
  std::int64_t i = 0, row = 0;
  for (const std::int64_t steps : {4, 5}) {
    data.episodes.push_back({i, steps, steps, 0, 0, true});
    for (std::int64_t t = 0; t < steps; ++t, ++i, ++row) {
      data.observations.push_back(float(i));
      data.observation_row.push_back(row), data.next_observation_row.push_back(row + 1);
      data.actions.push_back(0.1f * float(i)), data.rewards.push_back(float(i + 1));
      data.terminals.push_back(i == 2), data.timeouts.push_back(t + 1 == steps);
    }
    data.observations.push_back(100 * float(data.episodes.size())), ++row;  // 100 and 200 behind the last
  }
  return data;
}
Replay replay_of(const Dataset& data, std::vector<ReplayColumn> with = replay_columns(columns<column::follows>{})) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  const nn::Units units(nn::Units(Normalizer{{0}, {1}, 1, 0, {-1}, {1}}), at::Device(at::kCPU));
  return Replay(data, all, units, at::kCPU, std::move(with));
}
struct Discounted {
  double discount;
};
batch<at::Tensor> batch_of(const Replay& replay, std::int64_t steps, double discount) {
  ChunkTransitions::params h;
  h.steps = steps;
  return ChunkTransitions::batch(h, replay, 3, 1, 300, Discounted{discount});
}
/// The row of a batch that begins at observation i.
at::Tensor of(const at::Tensor& x, const batch<at::Tensor>& b, std::int64_t i) {
  const auto at = (b.observations.select(1, 0) == double(i)).nonzero();
  REQUIRE(at.size(0) > 0);
  return x[at[0].item<std::int64_t>()].reshape({-1});
}
}  // namespace

TEST_CASE("a transition of a chunk has its actions, its rewards' sum, and the state behind", "[data]") {
  const auto data = two_episodes();
  const auto b = batch_of(replay_of(data), 3, 0.5);
  CHECK(b.actions.sizes() == at::IntArrayRef({300, 3}));
  const auto is = [&](std::int64_t i, const at::Tensor& chunk, double reward, double behind, double bootstrap,
                      const at::Tensor& valid) {
    INFO("from " << i);
    CHECK(close(of(b.actions, b, i), chunk, 1e-6));
    CHECK(close(of(b.rewards, b, i), row({reward})));
    CHECK(close(of(b.next_observations, b, i), row({behind})));
    CHECK(close(of(b.not_done, b, i), row({bootstrap})));
    CHECK(close(of(b.get<column::chunk_valid>(), b, i), valid));
  };
  is(0, row({0, 0.1, 0.2}), 1 + 0.5 * 2 + 0.25 * 3, 3, 0, row({1, 1, 1}));  // the task ends in its third step
  is(2, row({0.2, 0.3, 0}), 3 + 0.5 * 4, 100, 0, row({1, 1, 0}));           // in its first, and the log is cut
  is(3, row({0.3, 0, 0}), 4, 100, 1, row({1, 0, 0}));                       // of one step: its bootstrap is a plain one
  is(4, row({0.4, 0.5, 0.6}), 5 + 0.5 * 6 + 0.25 * 7, 7, 0.25, row({1, 1, 1}));
  is(6, row({0.6, 0.7, 0.8}), 7 + 0.5 * 8 + 0.25 * 9, 200, 0.25, row({1, 1, 1}));
  is(7, row({0.7, 0.8, 0}), 8 + 0.5 * 9, 200, 0.5, row({1, 1, 0}));

  // The target of one step's form is that of the chunk: with V(s) = s it is
  //   5 + 6/2 + 7/4 + 7/8 from 4, and 1 + 2/2 + 3/4 from 0.
  const auto y = math::td_target(b.rewards, 0.5, b.not_done, at::Tensor(b.next_observations.select(1, 0)));
  CHECK(close(of(y, b, 4), row({10.625})));
  CHECK(close(of(y, b, 0), row({2.75})));
}

TEST_CASE("chunks of one step are the plain transitions", "[data]") {
  const auto replay = replay_of(two_episodes());
  const auto plain = replay.sample(3, 1, 300);
  const auto one = batch_of(replay, 1, 0.9);
  CHECK(at::equal(one.observations, plain.observations));
  CHECK(at::equal(one.actions, plain.actions));
  CHECK(at::equal(one.rewards, plain.rewards));
  CHECK(at::equal(one.next_observations, plain.next_observations));
  CHECK(close(one.not_done, plain.not_done, 1e-6));
  CHECK(one.get<column::chunk_valid>().sum().item<double>() == 300);
  const auto myopic = batch_of(replay, 3, 0);
  CHECK(at::equal(myopic.rewards, plain.rewards));
  CHECK(myopic.not_done.isfinite().all().item<bool>());
}

TEST_CASE("a log without an episode as long as a chunk is refused", "[data]") {
  Prepared out;
  ChunkTransitions::params h;
  h.steps = 5;
  CHECK_NOTHROW(ChunkTransitions::prepare(h, two_episodes(), out));
  h.steps = 6;
  CHECK_THROWS_WITH(ChunkTransitions::prepare(h, two_episodes(), out),
                    "two: its longest episode has 5 steps, and a chunk has 6; take shorter chunks (data.steps)");
}
