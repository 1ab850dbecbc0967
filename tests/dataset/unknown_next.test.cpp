#include <tessera/dataset/unknown_next.hpp>

#include <cmath>
#include <limits>
#include <random>

#include "helpers/files.hpp"

using Catch::Contains;
using namespace tessera;

namespace {
constexpr std::int64_t length = 10, episodes = 8;
bool ends(std::int64_t row) { return row % length == length - 1; }

/// Eight episodes of ten rows: a position that drifts by about one a row from about 0, and a wave.  The next
/// observations are true.
FlatRows drift(bool by_task) {
  FlatRows rows;
  rows.name = "drift", rows.format = "d4rl";
  rows.observation_size = 2, rows.action_size = 1;
  std::mt19937 random(3);
  std::uniform_real_distribution<float> noise(-0.1f, 0.1f);
  for (std::int64_t i = 0; i < episodes * length; ++i) {
    const auto at = [&](std::int64_t t) { return static_cast<float>(t) + noise(random); };
    const float x = i % length == 0 || i == 0 ? at(0) : rows.next_observations[rows.next_observations.size() - 2],
                y = at(i % length + 1);
    for (float v : {x, std::sin(x)}) rows.observations.push_back(v);
    for (float v : {y, std::sin(y)}) rows.next_observations.push_back(v);
    rows.actions.push_back(0.1f), rows.rewards.push_back(1);
    rows.terminals.push_back(ends(i) && by_task), rows.timeouts.push_back(ends(i) && !by_task);
  }
  return rows;
}
enum class stand_in { own, below, zeros };
/// Puts something in place of the next observations at ends; the last row has none below, and gets the first, as a roll
/// does.
void replace(FlatRows& rows, stand_in what, std::int64_t step = 1) {
  const auto count = std::int64_t(rows.rewards.size());
  for (std::int64_t i = 0; i < count; ++i) {
    if (!ends(i) || (i / length) % step != 0) continue;
    for (std::int64_t j = 0; j < 2; ++j)
      rows.next_observations[std::size_t(2 * i + j)] =
          what == stand_in::zeros
              ? 0
              : rows.observations[std::size_t(2 * (what == stand_in::own ? i : (i + 1) % count) + j)];
  }
}
std::vector<std::int64_t> unknown(const FlatRows& rows) {
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < rows.next_unknown.size(); ++i)
    if (rows.next_unknown[i] != 0) found.push_back(std::int64_t(i));
  return found;
}
const std::vector<std::int64_t> all_ends{9, 19, 29, 39, 49, 59, 69, 79};

/// A walk on a ring of `states`, one-hot, of which an episode ends where it began, in state 0.
FlatRows ring(std::int64_t states, bool by_task) {
  FlatRows rows;
  rows.name = "ring", rows.observation_size = states, rows.action_size = 1;
  for (std::int64_t e = 0; e < 30; ++e)
    for (std::int64_t t = 0; t < states; ++t) {
      for (std::int64_t j = 0; j < states; ++j)
        rows.observations.push_back(j == t), rows.next_observations.push_back(j == (t + 1) % states);
      rows.actions.push_back(0), rows.rewards.push_back(1);
      rows.terminals.push_back(by_task && t + 1 == states), rows.timeouts.push_back(!by_task && t + 1 == states);
    }
  return rows;
}
}  // namespace

TEST_CASE("next observations that are known are left alone", "[data][unknown_next]") {
  for (const bool by_task : {true, false}) {
    auto rows = drift(by_task);
    mark_unknown_next(rows);
    CHECK(rows.next_unknown.empty());
    CHECK(rows.warnings.empty());
    CHECK(assemble(rows).unknown_next.empty());
  }
}

TEST_CASE("what stands in for the state after an end is recognized", "[data][unknown_next]") {
  for (const auto what : {stand_in::own, stand_in::below, stand_in::zeros}) {
    CAPTURE(int(what));
    auto rows = drift(true);
    replace(rows, what);
    mark_unknown_next(rows);
    CHECK(unknown(rows) == all_ends);
    REQUIRE(rows.warnings.size() == 1);
    CHECK(rows.warnings[0].name == "unknown-next");
    CHECK_THAT(rows.warnings[0].message, Contains("8 rows, first row 9"));
    const auto data = assemble(rows);
    CHECK(data.size() == 80);
    for (std::int64_t i = 0; i < data.size(); ++i) {
      CHECK(data.knows_next(i) == !ends(i));
      if (ends(i)) CHECK(data.next_observation_row[std::size_t(i)] == data.observation_row[std::size_t(i)]);
    }
  }
}

TEST_CASE("a stand-in is believed only where nearly all ends have it", "[data][unknown_next]") {
  for (const auto what : {stand_in::own, stand_in::below, stand_in::zeros}) {
    CAPTURE(int(what));
    auto rows = drift(true);
    replace(rows, what, 2);
    mark_unknown_next(rows);
    CHECK(rows.next_unknown.empty());
    CHECK(rows.warnings.empty());
  }
}

TEST_CASE("a next observation read across a cut is not used", "[data][unknown_next]") {
  auto rows = drift(false);
  replace(rows, stand_in::below);
  mark_unknown_next(rows);
  CHECK(unknown(rows) == all_ends);
  REQUIRE(rows.warnings.size() == 1);
  CHECK(rows.warnings[0].name == "next-of-another-episode");
  CHECK_THAT(rows.warnings[0].message, Contains("8 rows, first row 9"));
  const auto data = assemble(rows);
  CHECK(data.size() == 72);
  CHECK(data.unknown_next.empty());
  REQUIRE(data.episodes.size() == 8);
  for (const auto& e : data.episodes) {
    CHECK((e.rows == 10 && e.transitions == 9));
    CHECK(data.timeouts[std::size_t(e.first + 8)] == 1);
  }
  CHECK(data.warnings.size() == 1);
}

TEST_CASE("at a cut nothing else stands in: a state may stay where it is", "[data][unknown_next]") {
  auto rows = drift(false);
  replace(rows, stand_in::own);
  mark_unknown_next(rows);
  CHECK(rows.next_unknown.empty());
}

TEST_CASE("episodes that go on where the last was cut are one walk, and are used", "[data][unknown_next]") {
  // The same drift without a return to 0: the next observation at a cut is the next episode's first, and true.
  for (const bool by_task : {true, false}) {
    auto rows = drift(by_task);
    for (std::int64_t i = 0; i < 80; ++i)
      for (std::int64_t j = 0; j < 2; ++j) {
        const float x = float(i) + 0.05f * float(i % 7), y = float(i + 1) + 0.05f * float((i + 1) % 7);
        rows.observations[std::size_t(2 * i + j)] = j == 0 ? x : std::sin(x);
        rows.next_observations[std::size_t(2 * i + j)] = j == 0 ? y : std::sin(y);
      }
    mark_unknown_next(rows);
    CHECK(rows.next_unknown.empty());
    CHECK(rows.warnings.empty());
  }
}

TEST_CASE("ends that are starts, in a finite problem with one start, are believed", "[data][unknown_next]") {
  for (const bool by_task : {true, false}) {
    auto rows = ring(4, by_task);
    mark_unknown_next(rows);
    CHECK(rows.next_unknown.empty());
    CHECK(assemble(rows).size() == 120);
  }
}

TEST_CASE("states that often stay, and a goal at the origin, are believed", "[data][unknown_next]") {
  auto rows = drift(true);
  for (std::size_t i = 0; i < rows.next_observations.size(); ++i)
    rows.next_observations[i] = rows.observations[i] = std::floor(rows.observations[i] / 4);
  mark_unknown_next(rows);
  CHECK(rows.next_unknown.empty());

  // A walk on whole numbers from (3, 3) down to (0, 0), where it ends.
  FlatRows grid;
  grid.name = "grid", grid.observation_size = 2, grid.action_size = 1;
  for (int e = 0; e < 20; ++e)
    for (int t = 0; t < 6; ++t) {
      const auto at = [&](int k) {
        return std::array<float, 2>{float(3 - (k + e % 2) / 2), float(3 - (k + 1 - e % 2) / 2)};
      };
      for (float x : at(t)) grid.observations.push_back(x);
      for (float x : at(t + 1)) grid.next_observations.push_back(x);
      grid.actions.push_back(0), grid.rewards.push_back(0), grid.terminals.push_back(t == 5),
          grid.timeouts.push_back(0);
    }
  mark_unknown_next(grid);
  CHECK(grid.next_unknown.empty());
}

TEST_CASE("a row after whose end stands NaN is known for it", "[data][unknown_next]") {
  auto rows = drift(true);
  rows.next_observations[2 * 19 + 1] = std::numeric_limits<float>::quiet_NaN();
  mark_unknown_next(rows);
  CHECK(unknown(rows) == std::vector<std::int64_t>{19});
  REQUIRE(rows.warnings.size() == 1);
  CHECK(rows.warnings[0].name == "unknown-next");
  CHECK_THAT(rows.warnings[0].message, Contains("1 row, first row 19") && Contains("NaN"));
  const auto data = assemble(rows);
  for (float x : data.observations) CHECK(std::isfinite(x));
}

TEST_CASE("every row may be an end", "[data][unknown_next]") {
  auto rows = drift(true);
  std::fill(rows.terminals.begin(), rows.terminals.end(), std::uint8_t(1));
  rows.next_observations = rows.observations;
  mark_unknown_next(rows);
  CHECK(unknown(rows).size() == 80);
  CHECK(assemble(rows).size() == 80);
}
