#include <tessera/dataset/normalizer.hpp>
//
#include <catch2/catch.hpp>

#include <tessera/data/top_episodes.hpp>
#include <tessera/dataset/episodes.hpp>

using namespace tessera;
using Catch::Matchers::Contains;

namespace {
// Two episodes of two transitions each, observations 0 1 2 | 10 11 12 and a constant column, returns 3 and 7.
Dataset two_episodes() {
  Dataset d;
  d.name = "small";
  d.observation_size = 2;
  d.action_size = 2;
  d.observations = {0, 5, 1, 5, 2, 5, 10, 5, 11, 5, 12, 5};
  d.observation_row = {0, 1, 3, 4};
  d.next_observation_row = {1, 2, 4, 5};
  d.actions = {-2, 1, 2, 1, 0, 1, 1, 1};
  d.rewards = {1, 2, 3, 4};
  d.terminals = {0, 1, 0, 1};
  d.timeouts = {0, 0, 0, 0};
  d.action_low = {-2, 1};
  d.action_high = {2, 1};
  d.episodes = {{0, 2, 2, 3, 3, true}, {2, 2, 2, 7, 7, true}};
  return d;
}
Prepared prepare(const Dataset& d, OfflineParams h) {
  Prepared out;
  Offline::prepare(h, d, out);
  return out;
}
}  // namespace

TEST_CASE("observations are shifted by their mean and scaled by std + 1e-3, or left alone") {
  const auto d = two_episodes();
  const auto on = prepare(d, {.standardize = true}).normalizer;
  // States 0, 1, 10, 11: mean 5.5, variance (5.5^2 + 4.5^2) * 2 / 4 = 25.25.
  CHECK(on.observation_shift[0] == Approx(5.5));
  CHECK(on.observation_scale[0] == Approx(std::sqrt(25.25) + 1e-3));
  CHECK(on.observation_shift[1] == Approx(5));
  CHECK(on.observation_scale[1] == Approx(1e-3));
  const auto off = prepare(d, {.standardize = false}).normalizer;
  CHECK(off.observation_shift == std::vector<float>{0, 0});
  CHECK(off.observation_scale == std::vector<float>{1, 1});
}

TEST_CASE("rewards by the range of returns, by their own spread, and shifted") {
  const auto d = two_episodes();
  const auto range = prepare(d, {.reward = reward_transform::return_range, .reward_shift = -1}).normalizer;
  CHECK(range.reward_scale == Approx(1000.0 / 4));  // returns 3 and 7
  CHECK(range.reward_shift == Approx(-1));
  const auto own = prepare(d, {.reward = reward_transform::standardize}).normalizer;
  CHECK(own.reward_scale == Approx(1 / std::sqrt(1.25)));  // 1 2 3 4: mean 2.5, variance 1.25
  CHECK(own.reward_shift == Approx(-2.5 / std::sqrt(1.25)));
  const auto none = prepare(d, {}).normalizer;
  CHECK(none.reward_scale == 1);
  CHECK(none.reward_shift == 0);
}

TEST_CASE("a scale that does not exist is an error that says what to do") {
  auto d = two_episodes();
  d.rewards = {1, 1, 1, 1};
  d.episodes[0].episode_return = d.episodes[1].episode_return = 2;
  CHECK_THROWS_WITH(prepare(d, {.reward = reward_transform::return_range}),
                    Contains("small") && Contains("data.reward=none"));
  CHECK_THROWS_WITH(prepare(d, {.reward = reward_transform::standardize}), Contains("data.reward=none"));
}

TEST_CASE("an action that never varies gets a box around it") {
  const auto n = prepare(two_episodes(), {}).normalizer;
  CHECK(n.action_low == std::vector<float>{-2, 0.5f});
  CHECK(n.action_high == std::vector<float>{2, 1.5f});
}

TEST_CASE("the best episodes alone, in units of all states") {
  const auto d = two_episodes();
  Prepared out;
  TopEpisodes::prepare({.fraction = 0.5}, d, out);
  CHECK(out.transitions == std::vector<std::int64_t>{2, 3});
  CHECK(out.normalizer.observation_shift[0] == Approx(5.5));
  CHECK(out.normalizer.observation_scale[0] == Approx(std::sqrt(25.25) + 1e-3));
  CHECK_THROWS_AS(TopEpisodes::prepare({.fraction = 0}, d, out), Error);
}

TEST_CASE("robust units: the bulk's, a constant in its own size, and a clip") {
  const auto d = two_episodes();
  const auto n = prepare(d, {.standardize = true, .scale = observation_scale::robust}).normalizer;
  // States 0, 1, 10, 11 have no outlier: their own mean and deviation.
  CHECK(n.observation_shift[0] == Approx(5.5));
  CHECK(n.observation_scale[0] == Approx(std::sqrt(25.25)));
  CHECK(n.observation_shift[1] == 5);
  CHECK(n.observation_scale[1] == 5);
  CHECK(n.observation_clip == 10);
  CHECK(prepare(d, {.standardize = true}).normalizer.observation_clip == 0);
}

TEST_CASE("rewards over the root of their mean square, and limited before") {
  const auto d = two_episodes();
  const auto n = prepare(d, {.reward = reward_transform::rms, .reward_shift = -1}).normalizer;
  CHECK(n.reward_scale == Approx(1 / std::sqrt(7.5)));  // 1 4 9 16
  CHECK(n.reward_shift == Approx(-1));
  const auto limited = prepare(d, {.reward = reward_transform::rms, .reward_limit = 2}).normalizer;
  CHECK(limited.reward_scale == Approx(1 / std::sqrt(3.25)));  // 1 4 4 4
  CHECK(limited.reward_limit == 2);
  auto zero = d;
  zero.rewards = {0, 0, 0, 0};
  CHECK_THROWS_WITH(prepare(zero, {.reward = reward_transform::rms}), Contains("data.reward=none"));
}
