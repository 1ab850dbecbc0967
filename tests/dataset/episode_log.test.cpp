#include <tessera/dataset/episode_log.hpp>

#include <limits>

#include "helpers/files.hpp"

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/dataset/require_sound.hpp>

using Catch::Contains;
using support::error_of;
using tessera::action_kind;
using tessera::EpisodeLog;
using floats = std::vector<float>;
using rows = std::vector<std::int64_t>;
using flags = std::vector<std::uint8_t>;

namespace {
EpisodeLog plain() { return {"six", "test", action_kind::continuous, 1, 1}; }
}  // namespace

TEST_CASE("episodes with their last observation give all their steps", "[data][episode_log]") {
  auto log = plain();
  log.add({.observations = floats{0, 1, 2}, .actions = floats{-1, 3}, .rewards = floats{1, 2}, .truncated = true});
  log.add({.observations = floats{5, 6}, .actions = floats{2}, .rewards = floats{4}, .terminated = true});
  log.add({.observations = floats{7, 8}, .actions = floats{0}, .rewards = floats{8}});
  const auto data = log.finish();
  CHECK(data.observations == floats{0, 1, 2, 5, 6, 7, 8});
  CHECK(data.observation_row == rows{0, 1, 3, 5});
  CHECK(data.next_observation_row == rows{1, 2, 4, 6});
  CHECK(data.actions == floats{-1, 3, 2, 0});
  CHECK(data.terminals == flags{0, 0, 1, 0});
  CHECK(data.timeouts == flags{0, 1, 0, 1});
  CHECK((data.unknown_next.empty() && data.warnings.empty()));
  CHECK((data.action_low == floats{-1} && data.action_high == floats{3}));
  REQUIRE(data.episodes.size() == 3);
  CHECK((data.episodes[0].complete && data.episodes[1].complete && !data.episodes[2].complete));
  CHECK((data.episodes[1].first == 2 && data.episodes[1].transitions == 1 && data.episodes[1].rows == 1));
  CHECK(data.episodes[0].episode_return == 3);
  CHECK(data.episodes[0].discounted_return == Approx(1 + 0.99 * 2));
  tessera::require_sound(data);
}

TEST_CASE("episodes without it are treated as a flat file's", "[data][episode_log]") {
  // The same six rows as a flat file.
  tessera::FlatRows flat;
  flat.name = "six", flat.format = "test", flat.observation_size = flat.action_size = 1;
  flat.observations = {0, 1, 2, 3, 4, 5}, flat.actions = {-1, 0, 1, 2, -2, 0.5f}, flat.rewards = {1, 2, 3, 4, 5, 6};
  flat.terminals = {0, 0, 1, 0, 0, 0}, flat.timeouts = {0, 0, 0, 0, 1, 0};
  const auto expected = tessera::assemble(flat);
  auto log = plain();
  log.add(
      {.observations = floats{0, 1, 2}, .actions = floats{-1, 0, 1}, .rewards = floats{1, 2, 3}, .terminated = true});
  log.add({.observations = floats{3, 4}, .actions = floats{2, -2}, .rewards = floats{4, 5}, .truncated = true});
  log.add({.observations = floats{5}, .actions = floats{0.5f}, .rewards = floats{6}});
  const auto data = log.finish();
  CHECK(data.observations == expected.observations);
  CHECK(data.observation_row == expected.observation_row);
  CHECK(data.next_observation_row == expected.next_observation_row);
  CHECK(data.unknown_next == expected.unknown_next);
  CHECK((data.actions == expected.actions && data.rewards == expected.rewards));
  CHECK((data.terminals == expected.terminals && data.timeouts == expected.timeouts));
  REQUIRE(data.episodes.size() == expected.episodes.size());
  for (std::size_t e = 0; e < data.episodes.size(); ++e) {
    CHECK(data.episodes[e].first == expected.episodes[e].first);
    CHECK(data.episodes[e].transitions == expected.episodes[e].transitions);
    CHECK(data.episodes[e].rows == expected.episodes[e].rows);
    CHECK(data.episodes[e].complete == expected.episodes[e].complete);
  }
  // The row that is dropped counts for neither, though its action is within what a flat file has seen.
  std::vector<std::string> found, wanted;
  for (const auto& w : data.warnings) found.push_back(w.name + w.message);
  for (const auto& w : expected.warnings) wanted.push_back(w.name + w.message);
  std::sort(found.begin(), found.end()), std::sort(wanted.begin(), wanted.end());
  CHECK(found == wanted);
}

TEST_CASE("discrete actions, spaces and limits", "[data][episode_log]") {
  EpisodeLog log("codes", "test", action_kind::discrete, 2, 6);
  log.data().spaces.action_factors = {2, 3};
  log.add({.observations = floats{0, 1, 2, 3}, .action_indices = rows{5}, .rewards = floats{1}, .terminated = true});
  const auto data = log.finish();
  CHECK((data.action_indices == rows{5} && data.actions.empty() && data.action_low.empty()));
  tessera::require_sound(data);

  auto limited = plain();
  limited.add({.observations = floats{0, 1}, .actions = floats{0.5f}, .rewards = floats{1}, .terminated = true});
  const auto declared = limited.finish({-1}, {1});
  CHECK((declared.action_low == floats{-1} && declared.action_high == floats{1}));
  CHECK(declared.limits_from == tessera::limits_origin::file);
  for (const auto& [high, why] : {std::pair{std::numeric_limits<float>::infinity(), "no finite limits"},
                                  std::pair{0.25f, "goes beyond its limits in the file, -1 to 0.25"}}) {
    auto other = plain();
    other.add({.observations = floats{0, 1}, .actions = floats{0.5f}, .rewards = floats{1}, .terminated = true});
    const auto seen = other.finish({-1}, {high});
    CHECK((seen.limits_from == tessera::limits_origin::seen && seen.action_high == floats{0.5f}));
    REQUIRE(seen.warnings.size() == 1);
    CHECK_THAT(seen.warnings[0].message, Contains(why));
  }
}

TEST_CASE("what cannot be an episode is named", "[data][episode_log]") {
  const auto wrong = [](tessera::EpisodeRows episode) {
    auto log = plain();
    log.add({.observations = floats{0, 1}, .actions = floats{0}, .rewards = floats{1}, .terminated = true});
    return error_of([&] { log.add(episode); });
  };
  CHECK_THAT(wrong({}), Contains("six: episode 1: has no steps"));
  CHECK_THAT(wrong({.observations = floats{0, 1, 2}, .actions = floats{0}, .rewards = floats{1}}),
             Contains("observations holds 3 numbers"));
  CHECK_THAT(wrong({.observations = floats{0, 1}, .actions = floats{0, 1}, .rewards = floats{1}}),
             Contains("actions holds 2 numbers"));
  CHECK_THAT(wrong({.observations = floats{0, NAN}, .actions = floats{0}, .rewards = floats{1}}),
             Contains("observations is NaN in row 1"));
  auto none = plain();
  CHECK_THAT(error_of([&] { none.finish(); }), Contains("six: gives no transition"));
}

TEST_CASE("a terminal within an episode does not cut it", "[data][episode_log]") {
  auto log = plain();
  log.add({.observations = floats{0, 1, 2, 3},
           .actions = floats{1, 1, 1},
           .rewards = floats{-1, 0, -1},
           .terminals = flags{0, 1, 0},
           .truncated = true});
  log.add({.observations = floats{5, 6}, .actions = floats{2}, .rewards = floats{4}, .terminals = flags{1}});
  const auto data = log.finish();
  CHECK(data.terminals == flags{0, 1, 0, 1});
  CHECK(data.timeouts == flags{0, 0, 1, 0});
  CHECK((data.episodes.size() == 2 && data.episodes[0].transitions == 3 && data.episodes[1].complete));
  CHECK(data.next_observation_row == rows{1, 2, 3, 5});
  tessera::require_sound(data);
  CHECK_THAT(
      error_of([&] {
        plain().add(
            {.observations = floats{0, 1}, .actions = floats{1}, .rewards = floats{1}, .terminals = flags{0, 1}});
      }),
      Contains("terminals holds 2 numbers"));
}

TEST_CASE("next observations are stored once where the next step shows them", "[data][episode_log]") {
  auto log = plain();
  log.add({.observations = floats{0, 1, 2},
           .actions = floats{1, 1, 1},
           .rewards = floats{1, 1, 1},
           .next_observations = floats{1, 9, 3},
           .truncated = true});
  const auto data = log.finish();
  CHECK(data.observations == floats{0, 1, 2, 9, 3});
  CHECK(data.next_observation_row == rows{1, 3, 4});
  CHECK(data.unknown_next.empty());
}

TEST_CASE("observations that a log keeps are not copied", "[data][episode_log]") {
  auto log = plain();
  const auto all = log.keep({0, 1, 2, 5, 6, 7});
  CHECK_THAT(error_of([&] { log.keep({1}); }), Contains("before the first episode"));
  log.add({.observations = all.subspan(0, 3), .actions = floats{1, 1}, .rewards = floats{1, 1}, .truncated = true});
  log.add(
      {.observations = all.subspan(3, 3), .actions = floats{1, 1, 1}, .rewards = floats{1, 1, 1}, .terminated = true});
  const auto data = log.finish();
  CHECK(data.observations == floats{0, 1, 2, 5, 6, 7});
  CHECK(data.observation_row == rows{0, 1, 3, 4, 5});
  CHECK(data.next_observation_row == rows{1, 2, 4, 5, 5});
  CHECK(data.unknown_next == flags{0, 0, 0, 0, 1});
}
