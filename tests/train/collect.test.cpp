#include <tessera/train/collect.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/env/point_maze.hpp>
#include <tessera/io/d4rl.hpp>
#include <tessera/nn/tensor.hpp>

#include "helpers/files.hpp"

using tessera::CartPole;
using tessera::collect;
using tessera::FlatRows;
using tessera::Pendulum;

namespace {
struct Sizes {
  std::int64_t observation_size, action_size;
  at::Device device = at::kCPU;
};
/// Pushes against the speed: for the pendulum.
struct Brake {
  using space = tessera::Continuous;
  Sizes on{3, 1};
  const Sizes& problem() const { return on; }
  static at::Tensor act(const at::Tensor& x, std::int64_t) { return x.slice(1, 2, 3) * -0.5; }
};
/// Pushes to the side to which the pole leans.
struct Balance {
  using space = tessera::Discrete;
  Sizes on{4, 2};
  const Sizes& problem() const { return on; }
  static at::Tensor act(const at::Tensor& x, std::int64_t) { return (x.select(1, 2) > 0).to(at::kLong); }
};
struct Pull {
  using space = tessera::Continuous;
  Sizes on{4, 2};
  const Sizes& problem() const { return on; }
  static at::Tensor act(const at::Tensor& x, std::int64_t) { return at::full({x.size(0), 2}, 0.9); }
};

/// A pendulum, of which copy 1 cuts its episode after five steps by itself.
struct Stopped : Pendulum {
  Stopped(std::int64_t count, int horizon, std::uint64_t seed)
      : Pendulum(count, horizon, seed), cut_(std::size_t(count), std::uint8_t{0}) {}
  void step(const float* actions, float* rewards, std::uint8_t* terminated) {
    Pendulum::step(actions, rewards, terminated);
    if (++steps_ == 5 && count() > 1) cut_[1] = 1;
  }
  const std::uint8_t* truncated() const { return cut_.data(); }

 private:
  int steps_ = 0;
  std::vector<std::uint8_t> cut_;
};

std::vector<double> returns(const FlatRows& rows) {
  std::vector<double> out(1, 0);
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    out.back() += double(rows.rewards[i]);
    if ((rows.terminals[i] != 0 || rows.timeouts[i] != 0) && i + 1 < rows.rewards.size()) out.push_back(0);
  }
  return out;
}
}  // namespace

TEST_CASE("collected episodes are those of an evaluation", "[train][collect]") {
  Brake brake;
  const auto rows = collect<Pendulum>(brake, {.episodes = 5, .seed = 3, .horizon = 40});
  CHECK(returns(rows) == tessera::evaluate<Pendulum>(brake, {.episodes = 5, .seed = 3, .horizon = 40}).returns);
  REQUIRE(rows.rewards.size() == 200);
  CHECK((rows.observation_size == 3 && rows.action_size == 1 && rows.kind == tessera::action_kind::continuous));
  // The first row of each episode is a start of the task, and each leads to the one below it.
  const Pendulum starts(5, 40, 3);
  for (std::size_t i = 0; i < 200; ++i) {
    const bool last = i % 40 == 39;
    CHECK((rows.terminals[i] == 0 && rows.timeouts[i] == last));
    for (std::size_t k = 0; k < 3; ++k) {
      if (i % 40 == 0) CHECK(rows.observations[3 * i + k] == starts.observations()[3 * (i / 40) + k]);
      if (!last) CHECK(rows.next_observations[3 * i + k] == rows.observations[3 * (i + 1) + k]);
    }
    CHECK(rows.actions[i] == -0.5f * rows.observations[3 * i + 2]);
  }
}

TEST_CASE("a collected episode is terminal where the task ends, and cut where time does", "[train][collect]") {
  Balance balance;
  const auto rows = collect<CartPole>(balance, {.episodes = 30, .seed = 1, .horizon = 45});
  std::size_t ended = 0, cut = 0, since = 0;
  for (std::size_t i = 0; i < rows.rewards.size(); ++i) {
    ++since;
    CHECK(rows.action_indices[i] == (rows.observations[4 * i + 2] > 0));
    const bool fallen = std::abs(rows.next_observations[4 * i]) > 2.4f ||
                        std::abs(rows.next_observations[4 * i + 2]) > 12 * 3.14159265f / 180;
    CHECK((rows.terminals[i] != 0) == fallen);
    if (rows.timeouts[i] != 0) CHECK((since == 45 && !fallen));
    ended += rows.terminals[i], cut += rows.timeouts[i];
    if (rows.terminals[i] + rows.timeouts[i] > 0) since = 0;
  }
  CHECK((ended + cut == 30 && ended > 0 && cut > 0 && since == 0));

  // Written and read back it is the same data set.
  const support::Folder folder;
  const auto path = folder / "cartpole.h5";
  tessera::write_d4rl(path, rows);
  const auto back = tessera::read_d4rl(tessera::hdf5::File::open(path)), made = tessera::assemble(rows);
  CHECK((back.observations == made.observations && back.next_observation_row == made.next_observation_row));
  CHECK((back.action_indices == made.action_indices && back.rewards == made.rewards));
  CHECK((back.terminals == made.terminals && back.timeouts == made.timeouts && back.episodes.size() == 30));
  CHECK(back.unknown_next.empty());
}

TEST_CASE("collected actions are those of an online phase where that is asked for", "[train][collect]") {
  struct Explorer : Pull {
    static at::Tensor explore(const at::Tensor& x, std::int64_t key, double noise) {
      return at::full({x.size(0), 2}, noise + 0.01 * double(key));
    }
  } explorer;
  const auto rows = collect<tessera::MazeMedium>(explorer, {.episodes = 2, .horizon = 3, .exploration = 0.25});
  CHECK(rows.actions ==
        std::vector<float>{0.25f, 0.25f, 0.26f, 0.26f, 0.27f, 0.27f, 0.25f, 0.25f, 0.26f, 0.26f, 0.27f, 0.27f});
  CHECK(collect<tessera::MazeMedium>(explorer, {.episodes = 1, .horizon = 1}).actions[0] == 0.9f);
  Pull pull;
  CHECK_THROWS_WITH(collect<tessera::MazeMedium>(pull, {.exploration = 0.25}), Catch::Contains("has no `explore"));
}

TEST_CASE("collected actions are those that were done, noise and limits and all", "[train][collect]") {
  Pull pull;
  const auto rows = collect<tessera::MazeMedium>(pull, {.episodes = 50, .seed = 2, .horizon = 100, .noise = 0.2});
  REQUIRE(rows.actions.size() == 10'000);
  // Of 0.9 + 0.2 N the part above 1 is clipped: P(N > 0.5) = 0.3085; the mean of the rest, 0.9 - 0.2 phi(0.5) / 0.6915
  // = 0.9 - 0.2 * 0.35207 / 0.69146 = 0.79817.
  double clipped = 0, sum = 0;
  for (const float a : rows.actions) {
    CHECK((a >= -1 && a <= 1));
    if (a == 1) ++clipped;
    else sum += double(a);
  }
  CHECK(clipped / 10'000 == Approx(0.3085).margin(0.02));
  CHECK(sum / (10'000 - clipped) == Approx(0.79817).margin(0.01));
  // Done, not only written: the state that the first of them leads to.
  tessera::MazeMedium env(1);
  for (std::size_t i = 0; i < 5000; i += 100) {
    env.show(0, rows.observations.data() + 4 * i);
    float reward = 0;
    std::uint8_t terminated = 0;
    env.step(rows.actions.data() + 2 * i, &reward, &terminated);
    for (std::size_t k = 0; k < 4; ++k)
      CHECK(env.observations()[k] == Approx(rows.next_observations[4 * i + k]).margin(1e-5));
  }
  // The noise of an episode is its own, and the seed's.
  const auto few = collect<tessera::MazeMedium>(pull, {.episodes = 5, .seed = 2, .horizon = 100, .noise = 0.2});
  CHECK(std::equal(few.actions.begin(), few.actions.end(), rows.actions.begin()));
  const auto other = collect<tessera::MazeMedium>(pull, {.episodes = 5, .seed = 3, .horizon = 100, .noise = 0.2});
  CHECK(few.actions != other.actions);
}

TEST_CASE("of an evaluation the episodes that are wanted are logged", "[train][collect]") {
  Brake brake;
  const tessera::CollectOptions o{.episodes = 6, .seed = 4, .horizon = 10};
  tessera::CollectedEpisodes log(3, 1, false, o);
  tessera::evaluate<Pendulum>(brake, log.options([](std::size_t i) { return i % 3 == 1; }));
  const auto all = collect<Pendulum>(brake, o), some = log.rows();
  REQUIRE(some.rewards.size() == 20);
  CHECK(std::equal(some.rewards.begin(), some.rewards.begin() + 10, all.rewards.begin() + 10));
  CHECK(std::equal(some.rewards.begin() + 10, some.rewards.end(), all.rewards.begin() + 40));
  CHECK((log.episode_return(0) == 0 && log.episode_return(4) == returns(all)[4]));
}

TEST_CASE("what cannot be collected is refused", "[train][collect]") {
  Brake brake;
  Balance balance;
  CHECK_THROWS_WITH(collect<Pendulum>(brake, {.noise = -1}), Catch::Contains("at least 0"));
  CHECK_THROWS_WITH(collect<Pendulum>(brake, {.noise = NAN}), Catch::Contains("noise"));
  CHECK_THROWS_WITH(collect<CartPole>(balance, {.noise = 0.1}), Catch::Contains("indices; leave it out"));
  CHECK_THROWS_WITH(collect<Pendulum>(brake, {.episodes = 0}), Catch::Contains("episodes must be at least 1"));
  CHECK_THROWS_WITH(collect<Pendulum>(brake, {.action_low = {-1, -1}, .action_high = {1, 1}}),
                    Catch::Contains("2 and 2 numbers, and an action has 1"));
  CHECK(collect<Pendulum>(brake, {.keep_going = [] { return false; }}).rewards.empty());
}

TEST_CASE("an episode that the task cuts by itself is over, and a timeout", "[train][collect]") {
  Brake brake;
  const auto rows = collect<Stopped>(brake, {.episodes = 3, .seed = 3, .horizon = 8});
  REQUIRE(rows.rewards.size() == 8 + 5 + 8);
  for (std::size_t i = 0; i < rows.rewards.size(); ++i)
    CHECK((rows.terminals[i] == 0 && rows.timeouts[i] == (i == 7 || i == 12 || i == 20)));
  // The return is of those five steps.
  const auto evaluated = tessera::evaluate<Stopped>(brake, {.episodes = 3, .seed = 3, .horizon = 8});
  CHECK(evaluated.returns == returns(rows));
  const auto whole = tessera::evaluate<Pendulum>(brake, {.episodes = 3, .seed = 3, .horizon = 8});
  CHECK((evaluated.returns[0] == whole.returns[0] && evaluated.returns[1] > whole.returns[1]));
}
