#include <tessera/dataset/flat_rows.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::assemble;
using tessera::FlatRows;

namespace {
/// Two episodes of 3 rows: the first ends by time, the second by the task; observations 0 .. 5.
FlatRows six_rows() {
  FlatRows rows;
  rows.name = "six";
  rows.observation_size = rows.action_size = 1;
  rows.observations = {0, 1, 2, 3, 4, 5};
  rows.actions = {-1, 0, 1, 2, -2, 0.5f};
  rows.rewards = {1, 2, 3, 4, 5, 6};
  rows.terminals = {0, 0, 0, 0, 0, 1};
  rows.timeouts = {0, 0, 1, 0, 0, 0};
  return rows;
}
}  // namespace

TEST_CASE("rows without next observations lose what cannot be known", "[data][flat_rows]") {
  const auto data = assemble(six_rows());
  CHECK(data.observation_row == std::vector<std::int64_t>{0, 1, 3, 4, 5});
  CHECK(data.next_observation_row == std::vector<std::int64_t>{1, 2, 4, 5, 5});
  CHECK(data.rewards == std::vector<float>{1, 2, 4, 5, 6});
  CHECK(data.actions == std::vector<float>{-1, 0, 2, -2, 0.5f});
  CHECK(data.terminals == std::vector<std::uint8_t>{0, 0, 0, 0, 1});
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 1, 0, 0, 0});
  CHECK(data.observations.size() == 6);
  CHECK(data.unknown_next == std::vector<std::uint8_t>{0, 0, 0, 0, 1});
  CHECK((data.knows_next(3) && !data.knows_next(4)));
  CHECK((data.action_low == std::vector<float>{-2} && data.action_high == std::vector<float>{2}));

  REQUIRE(data.episodes.size() == 2);
  CHECK((data.episodes[0].first == 0 && data.episodes[0].transitions == 2 && data.episodes[0].rows == 3));
  CHECK((data.episodes[1].first == 2 && data.episodes[1].transitions == 3 && data.episodes[1].rows == 3));
  CHECK((data.episodes[0].complete && data.episodes[1].complete));
  CHECK(data.episodes[0].episode_return == 6);
  CHECK(data.episodes[0].discounted_return == Approx(1 + 0.99 * 2 + 0.99 * 0.99 * 3));
  CHECK(data.episodes[1].discounted_return == Approx(4 + 0.99 * 5 + 0.99 * 0.99 * 6));

  REQUIRE(data.warnings.size() == 1);
  CHECK(data.warnings[0].name == "dropped-timeout-rows");
  CHECK_THAT(data.warnings[0].message, Contains("1 row, first row 2"));
}

TEST_CASE("next observations are kept, and stored once where they repeat a row", "[data][flat_rows]") {
  auto rows = six_rows();
  rows.next_observations = {1, 2, 30, 4, 5, 60};
  const auto data = assemble(rows);
  CHECK(data.size() == 6);
  CHECK(data.observations == std::vector<float>{0, 1, 2, 3, 4, 5, 30, 60});
  CHECK(data.next_observation_row == std::vector<std::int64_t>{1, 2, 6, 4, 5, 7});
  CHECK(*data.next_observation(2) == 30);
  CHECK(*data.next_observation(5) == 60);
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 0, 1, 0, 0, 0});
  CHECK(data.warnings.empty());
}

TEST_CASE("next observations that stand in are not stored", "[data][flat_rows]") {
  auto rows = six_rows();
  rows.next_observations = {1, 2, 30, 4, 5, 60};
  rows.next_unknown = {0, 0, 1, 0, 0, 1};
  const auto data = assemble(rows);
  CHECK(data.observations.size() == 6);
  CHECK(data.observation_row == std::vector<std::int64_t>{0, 1, 3, 4, 5});
  CHECK(data.next_observation_row == std::vector<std::int64_t>{1, 2, 4, 5, 5});
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 1, 0, 0, 0});
  CHECK(data.unknown_next == std::vector<std::uint8_t>{0, 0, 0, 0, 1});
  CHECK((data.episodes[0].rows == 3 && data.episodes[0].transitions == 2));
}

TEST_CASE("a file that stops inside an episode has an incomplete one", "[data][flat_rows]") {
  auto rows = six_rows();
  rows.terminals[5] = 0;
  const auto data = assemble(rows);
  CHECK(data.size() == 4);
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 1, 0, 1});
  CHECK_FALSE(data.episodes[1].complete);
  CHECK((data.episodes[1].rows == 3 && data.episodes[1].transitions == 2));
  REQUIRE(data.warnings.size() == 2);
  CHECK(data.warnings[0].name == "dropped-last-row");
  CHECK_THAT(data.warnings[0].message, Contains("first row 5"));
}

TEST_CASE("an episode of one row may give no transition", "[data][flat_rows]") {
  auto rows = six_rows();
  rows.timeouts = {1, 0, 1, 0, 0, 0};
  const auto data = assemble(rows);
  REQUIRE(data.episodes.size() == 3);
  CHECK((data.episodes[0].transitions == 0 && data.episodes[0].rows == 1 && data.episodes[0].episode_return == 1));
  CHECK((data.episodes[1].first == 0 && data.episodes[1].transitions == 1));
  CHECK(data.timeouts == std::vector<std::uint8_t>{1, 0, 0, 0});

  rows.timeouts = {1, 1, 1, 1, 1, 1};
  rows.terminals[5] = 0;
  CHECK_THAT(support::error_of([&] { assemble(rows); }), Contains("six") && Contains("no transition"));
}

TEST_CASE("discrete rows keep indices", "[data][flat_rows]") {
  auto rows = six_rows();
  rows.kind = tessera::action_kind::discrete;
  rows.actions.clear();
  rows.action_indices = {0, 1, 2, 0, 1, 2};
  rows.action_size = 3;
  const auto data = assemble(rows);
  CHECK(data.action_indices == std::vector<std::int64_t>{0, 1, 0, 1, 2});
  CHECK((data.actions.empty() && data.action_low.empty() && data.action_high.empty()));
}
