#include <tessera/train/episodes.hpp>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <tessera/env/cartpole.hpp>
#include <tessera/env/pendulum.hpp>
#include <tessera/support/error.hpp>

using namespace tessera;
using tessera::detail::Episodes;

namespace {
/// Pays more from step to step, and what is no number in the third.
struct Breaks {
  using space = Continuous;
  using action_type = float;
  static constexpr const char* name = "breaks";
  static constexpr std::int64_t observation_size = 1, action_size = 1;
  static constexpr int default_horizon = 10;
  Breaks(std::int64_t, int, std::uint64_t) {}
  std::int64_t count() const { return 1; }
  int horizon() const { return 10; }
  const float* observations() const { return &at_; }
  void reset(std::uint64_t) { at_ = 0; }
  void step(const float*, float* rewards, std::uint8_t* terminated) {
    *rewards = ++at_ == 3 ? std::numeric_limits<float>::quiet_NaN() : at_, *terminated = 0;
  }

 private:
  float at_ = 0;
};
/// Cuts its episodes after the fourth step by itself, or ends them there.
struct Stops : Breaks {
  static inline bool ends = false;
  Stops(std::int64_t count, int horizon, std::uint64_t seed) : Breaks(count, horizon, seed) {}
  void reset(std::uint64_t) { steps_ = 0, cut_ = 0; }
  void step(const float*, float* rewards, std::uint8_t* terminated) {
    *rewards = 1;
    ++steps_;
    cut_ = steps_ >= 4;
    *terminated = ends && steps_ >= 4;
  }
  const std::uint8_t* truncated() const { return &cut_; }

 private:
  int steps_ = 0;
  std::uint8_t cut_ = 0;
};
static_assert(CutsEpisodes<Stops> && !CutsEpisodes<Breaks>);
bool same(std::span<const float> x, const float* y) { return std::equal(x.begin(), x.end(), y); }
}  // namespace

TEST_CASE("copies of a task have each their own episode, and what they do is kept", "[train][online]") {
  const TaskOf<Pendulum> task;
  const auto in = tessera::detail::online_task(task);
  CHECK((in.name == Pendulum::name && in.observation_size == 3 && in.action_size == 1 && !in.discrete));
  CHECK(in.default_horizon == Pendulum::default_horizon);
  std::vector<std::pair<std::int64_t, std::int64_t>> asked;
  const auto seed = [](std::int64_t copy, std::int64_t episode) { return std::uint64_t(10 * copy + episode); };
  Episodes episodes(in, 2, 3, [&](std::int64_t copy, std::int64_t episode) {
    asked.emplace_back(copy, episode);
    return seed(copy, episode);
  });
  Experience all(3, 1, false);
  REQUIRE(episodes.count() == 2);
  // Beside each copy the task itself, with the same seeds and actions.
  std::vector<Pendulum> alone{Pendulum(1, 3, seed(0, 0)), Pendulum(1, 3, seed(1, 0))};
  std::vector<double> returns(2, 0);
  for (int t = 0; t < 7; ++t)
    for (std::int64_t i = 0; i < 2; ++i) {
      auto& own = alone[std::size_t(i)];
      CHECK(same(episodes.observation(i), own.observations()));
      const std::vector<float> from(own.observations(), own.observations() + 3);
      const float action = 0.3f * float(t) - float(i);
      const auto moved = episodes.step(i, &action, all);
      float reward = 0;
      std::uint8_t ended = 0;
      own.step(&action, &reward, &ended);
      returns[std::size_t(i)] += double(reward);
      CHECK((moved.reward == reward && moved.episode_return == returns[std::size_t(i)]));
      CHECK(moved.ends == (t % 3 == 2 ? Experience::end::truncated : Experience::end::none));
      const auto kept = all[all.size() - 1];
      CHECK((same(kept.observation, from.data()) && same(kept.next_observation, own.observations())));
      CHECK((kept.action[0] == action && kept.reward == reward && kept.ends == moved.ends));
      CHECK(all.copy(all.size() - 1) == i);
      if (moved.ends != Experience::end::none) {
        episodes.restart(i);
        own.reset(seed(i, t / 3 + 1)), returns[std::size_t(i)] = 0;
      }
    }
  CHECK(asked == std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}});
  // A step that is not to be kept moves the copy alone.
  const float action = 1;
  episodes.step(0, &action);
  CHECK(all.size() == 14);
}

TEST_CASE("an episode that ends is no episode that was cut, and indices are actions as numbers are",
          "[train][online]") {
  const TaskOf<CartPole> task;
  const auto in = tessera::detail::online_task(task);
  CHECK((in.discrete && in.action_size == 2));
  Episodes episodes(in, 1, 500, [](auto...) { return 5; });
  Experience all(4, 2, true);
  CartPole alone(1, 500, 5);
  const float right = 1;  // until it falls
  for (bool over = false; !over;) {
    const auto moved = episodes.step(0, &right, all);
    const std::int64_t index = 1;
    float reward = 0;
    std::uint8_t ended = 0;
    alone.step(&index, &reward, &ended);
    over = ended != 0;
    CHECK(moved.ends == (over ? Experience::end::terminated : Experience::end::none));
    CHECK(same(episodes.observation(0), alone.observations()));
    REQUIRE(all.size() < 100);
  }
  CHECK((all.size() > 5 && all[0].action[0] == 1));
}

TEST_CASE("a step that is not finite is one line, and is not kept", "[train][online]") {
  const TaskOf<Breaks> task;
  Episodes episodes(tessera::detail::online_task(task), 1, 10, [](auto...) { return 0; });
  Experience all(1, 1, false);
  const float action = 0;
  episodes.step(0, &action, all), episodes.step(0, &action, all);
  CHECK_THROWS_WITH(
      episodes.step(0, &action, all),
      "environment breaks: step 2 gave a reward or an observation that is not finite; mend the environment");
  CHECK(all.size() == 2);
}

TEST_CASE("an episode that its task cuts by itself is cut there, and has not ended", "[train][online]") {
  const TaskOf<Stops> task;
  const auto in = tessera::detail::online_task(task);
  for (const bool ends : {false, true}) {
    Stops::ends = ends;
    Episodes episodes(in, 1, 10, [](auto...) { return std::uint64_t{0}; });
    Experience all(1, 1, false);
    const float action = 0;
    for (int t = 0; t < 6; ++t) {
      const auto wanted = t != 3 ? Experience::end::none
                          : ends ? Experience::end::terminated
                                 : Experience::end::truncated;
      CHECK(episodes.step(0, &action, all).ends == wanted);
      if (t == 3) episodes.restart(0);
    }
  }
}
