#include <tessera/dataset/cut_episodes.hpp>
#include <tessera/dataset/episode_log.hpp>
//
#include <catch2/catch.hpp>

#include <tessera/dataset/flat_rows.hpp>

#include "helpers/files.hpp"

using namespace tessera;
using Catch::Matchers::Contains;

namespace {
// Seven rows without an end mark, observations and rewards 1 .. 7.
FlatRows seven() {
  FlatRows rows;
  rows.name = "seven", rows.observation_size = rows.action_size = 1;
  for (int i = 1; i <= 7; ++i) {
    rows.observations.push_back(float(i)), rows.actions.push_back(float(-i)), rows.rewards.push_back(float(i));
    rows.terminals.push_back(0), rows.timeouts.push_back(0);
  }
  return rows;
}
}  // namespace

TEST_CASE(
    "a log without marks becomes episodes of a given length; a step whose next state is unknown is left "
    "out") {
  const auto d = cut_episodes(assemble(seven()), 3);  // rows 1 2 3 | 4 5 6 | 7
  REQUIRE(d.episodes.size() == 3);
  CHECK(d.rewards == std::vector<float>{1, 2, 4, 5});
  CHECK(d.actions == std::vector<float>{-1, -2, -4, -5});
  CHECK(d.timeouts == std::vector<std::uint8_t>{0, 1, 0, 1});
  CHECK(*d.next_observation(1) == 3);
  CHECK(d.episodes[0].rows == 3);
  CHECK(d.episodes[0].transitions == 2);
  CHECK(d.episodes[0].episode_return == 6);
  CHECK(d.episodes[1].first == 2);
  CHECK(d.episodes[1].episode_return == 15);
  CHECK(d.episodes[1].discounted_return == Approx(4 + 0.99 * 5 + 0.99 * 0.99 * 6));
  CHECK(d.episodes[1].complete);
  CHECK(d.episodes[2].transitions == 0);
  CHECK(d.episodes[2].episode_return == 7);  // of the last row, which gave no transition
  CHECK_FALSE(d.episodes[2].complete);
  CHECK_THAT(d.warnings.back().message, Contains("1 episode was cut into 3 of at most 3 rows; 2 steps before a cut"));
}

TEST_CASE("a next observation of its own is kept at a cut") {
  auto rows = seven();
  rows.next_observations = {2, 3, 40, 5, 6, 70, 8};
  const auto d = cut_episodes(assemble(std::move(rows)), 3);
  CHECK(d.rewards == std::vector<float>{1, 2, 3, 4, 5, 6, 7});
  CHECK(d.timeouts == std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1, 1});
  CHECK(*d.next_observation(2) == 40);
  CHECK(d.episodes[2].transitions == 1);
}

TEST_CASE("episodes that are no longer than that stay as they are") {
  auto rows = seven();
  rows.terminals[2] = 1, rows.timeouts[6] = 1;
  const auto before = assemble(rows), after = cut_episodes(before, 4);
  CHECK(after.rewards == before.rewards);
  CHECK(after.timeouts == before.timeouts);
  CHECK(after.terminals == before.terminals);
  CHECK(after.episodes.size() == 2);
  CHECK(after.warnings.size() == before.warnings.size());
  CHECK_THAT(support::error_of([&] { cut_episodes(before, 0); }), Contains("at least 1"));
  CHECK_THAT(support::error_of([&] { cut_episodes(assemble(seven()), 1); }), Contains("give a larger length"));
}

TEST_CASE("what belongs to a step stays with it when episodes are cut", "[data]") {
  const std::vector<float> x = {0, 1, 2, 3, 4}, a = {0, 1, 2, 3, 4}, r = {1, 2, 3, 4, 5},
                           p = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f};
  tessera::EpisodeLog log("made", "made", tessera::action_kind::continuous, 1, 1);
  log.add({.observations = x, .actions = a, .rewards = r, .propensities = p, .terminated = true});
  auto data = log.finish();
  REQUIRE(data.unknown_next == std::vector<std::uint8_t>{0, 0, 0, 0, 1});
  data = tessera::cut_episodes(std::move(data), 2);
  // Steps 1 and 3 stand before a cut, and where they led is not stored beside them.
  CHECK(data.rewards == std::vector<float>{1, 3, 5});
  CHECK(data.propensities == std::vector<float>{0.1f, 0.3f, 0.5f});
  CHECK(data.unknown_next == std::vector<std::uint8_t>{0, 0, 1});
}
