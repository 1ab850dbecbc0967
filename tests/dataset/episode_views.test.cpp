#include <tessera/dataset/episode_views.hpp>

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/filter.hpp>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

using Catch::Contains;
using namespace tessera::views;
using tessera::Dataset;
using tessera::Trajectory;
using tessera::WholeEpisode;
using Rows = std::vector<std::int64_t>;

namespace {
/// Episodes of 2, 0, 3 and 1 transitions with the rewards 1 to 6; the undiscounted best is the third, the discounted
/// the last.  In the third the task ends at the second step, and the log goes on.
Dataset four_episodes() {
  Dataset data;
  data.episodes = {{0, 2, 3, 5, 4, true}, {2, 0, 1, 1, 1, true}, {2, 3, 4, 9, 6, true}, {5, 1, 1, 7, 7, false}};
  data.rewards = {1, 2, 3, 4, 5, 6};
  data.terminals = {0, 0, 0, 1, 0, 0};
  data.timeouts = {0, 1, 0, 0, 1, 0};
  return data;
}
/// Many episodes of 1 to 9 steps.
Dataset many(std::uint64_t seed, std::size_t episodes = 200) {
  using support::ends;
  std::vector<ends> how;
  for (std::size_t e = 0; e < episodes; ++e) how.push_back(e % 3 == 0 ? ends::truncated : ends::terminated);
  return support::made_data(tessera::action_kind::continuous, how, seed);
}
auto rows_of(auto&& pieces) {
  std::vector<Rows> out;
  for (const auto& piece : pieces) out.push_back(ranges::to<std::vector>(piece));
  return out;
}
}  // namespace

TEST_CASE("episodes are ranges of transition indices, and every transition is in one", "[data][views]") {
  const auto data = four_episodes();
  CHECK(rows_of(data | by_episode) == std::vector<Rows>{{0, 1}, {}, {2, 3, 4}, {5}});
  CHECK((data | by_episode | transitions) == Rows{0, 1, 2, 3, 4, 5});
  const auto larger = many(3);
  Rows all;
  for (std::int64_t i = 0; i < larger.size(); ++i) all.push_back(i);
  CHECK((larger | by_episode | transitions) == all);
}

TEST_CASE("windows overlap, chunks do not, and neither leaves its episode", "[data][views]") {
  const auto data = four_episodes();
  CHECK(rows_of(data | by_episode | windows(2)) == std::vector<Rows>{{0, 1}, {2, 3}, {3, 4}});
  CHECK(rows_of(data | by_episode | windows(4)).empty());
  CHECK(rows_of(data | by_episode | chunks(2)) == std::vector<Rows>{{0, 1}, {2, 3}, {4}, {5}});
  CHECK(rows_of(data | by_episode | chunks(2) | windows(2)) == std::vector<Rows>{{0, 1}, {2, 3}});
  const auto larger = many(4);
  for (const std::int64_t n : {1, 2, 3, 5, 9, 10}) {
    std::int64_t expected = 0, found = 0;
    for (const auto& e : larger.episodes) expected += std::max<std::int64_t>(0, e.transitions - n + 1);
    for (const auto& piece : larger | by_episode | windows(n)) {
      const auto& e = larger.episodes[std::size_t(piece.episode())];
      const auto rows = ranges::to<std::vector>(piece);
      ++found;
      REQUIRE(std::int64_t(rows.size()) == n);
      CHECK((rows.front() >= e.first && rows.back() < e.first + e.transitions));
      CHECK(rows.front() == e.first + piece.offset());
      for (std::size_t k = 0; k + 1 < rows.size(); ++k) CHECK(rows[k + 1] == rows[k] + 1);
    }
    CHECK(found == expected);
    CHECK((larger | by_episode | chunks(n) | transitions) == (larger | by_episode | transitions));
    for (const auto& piece : larger | by_episode | chunks(n)) {
      const auto& e = larger.episodes[std::size_t(piece.episode())];
      const auto rows = ranges::to<std::vector>(piece);
      CHECK((std::int64_t(rows.size()) == n || rows.back() == e.first + e.transitions - 1));
      CHECK((rows.front() >= e.first && rows.back() < e.first + e.transitions));
    }
  }
}

TEST_CASE("the returns to go, by hand and by a recursion from the end", "[data][views]") {
  const auto data = four_episodes();
  std::vector<double> found;
  for (const auto& episode : data | by_episode | returns_to_go(0.5))
    for (const auto& [i, value] : episode) {
      CHECK(i == std::int64_t(found.size()));
      found.push_back(value);
    }
  CHECK(found == std::vector<double>{1 + 0.5 * 2, 2, 3 + 0.5 * 4, 4, 5, 6});

  const auto larger = many(5);
  std::vector<double> expected(std::size_t(larger.size()));
  for (auto i = larger.size(); i-- > 0;) {
    const auto k = std::size_t(i);
    const bool ends = larger.terminals[k] || larger.timeouts[k];
    expected[k] = double(larger.rewards[k]) + (ends ? 0 : 0.9 * expected[k + 1]);
  }
  // Of pieces too they are those of the episode, whatever the order in which the pieces are read.
  const auto check = [&](auto&& pieces) {
    std::int64_t count = 0;
    for (const auto& piece : pieces)
      for (const auto& [i, value] : piece) CHECK((++count, value == expected[std::size_t(i)]));
    return count;
  };
  CHECK(check(larger | by_episode | returns_to_go(0.9)) == larger.size());
  CHECK(check(larger | by_episode | chunks(2) | returns_to_go(0.9)) == larger.size());
  CHECK(check(larger | by_episode | windows(3) | returns_to_go(0.9)) > 0);
  const auto kept = larger | by_episode | windows(2) | ranges::to<std::vector>();
  std::vector<Trajectory> backward(kept.rbegin(), kept.rend());
  CHECK(check(backward | returns_to_go(0.9)) == std::int64_t(2 * kept.size()));
}

TEST_CASE("the best episodes are those of the data source, and of what is left of the data", "[data][views]") {
  const auto data = four_episodes();
  CHECK(rows_of(data | by_episode | top_returns(0.5)) == std::vector<Rows>{{2, 3, 4}});
  CHECK((data | by_episode | top_returns(0.7, tessera::ranking::discounted) | transitions) == Rows{2, 3, 4, 5});
  for (const double fraction : {0.01, 0.1, 0.35, 0.8, 1.0})
    for (const auto by : {tessera::ranking::undiscounted, tessera::ranking::discounted}) {
      const auto larger = many(6);
      CHECK((larger | by_episode | top_returns(fraction, by) | transitions) ==
            tessera::top_episodes(larger, fraction, by));
    }
  const auto not_the_best = [](const WholeEpisode& e) { return e.episode() != 2; };
  CHECK(rows_of(data | by_episode | ranges::views::filter(not_the_best) | top_returns(0.4)) == std::vector<Rows>{{5}});
  CHECK(rows_of(data | by_episode | top_returns(0.5) | windows(2)) == std::vector<Rows>{{2, 3}, {3, 4}});
}

TEST_CASE("a split shares out whole episodes, by their numbers and the seed", "[data][views]") {
  const auto data = many(7, 2000);
  const auto episodes = [](auto&& of) {
    std::set<std::int64_t> out;
    for (const auto& piece : of) out.insert(piece.episode());
    return out;
  };
  const auto [train, held_out] = data | by_episode | split(0.9, 1);
  const auto first = episodes(train), second = episodes(held_out);
  CHECK(first.size() + second.size() == 2000);
  for (const auto e : second) CHECK(first.count(e) == 0);
  CHECK(std::abs(double(first.size()) - 1800) < 4 * std::sqrt(2000 * 0.9 * 0.1));
  CHECK((train | transitions).size() + (held_out | transitions).size() == std::size_t(data.size()));

  CHECK(episodes((data | by_episode | split(0.9, 1)).first) == first);
  CHECK(episodes((data | by_episode | split(0.9, 2)).first) != first);
  // More of them with a larger fraction, and no episode moves because others are left out, or because it is in pieces.
  for (const auto e : episodes((data | by_episode | split(0.5, 1)).first)) CHECK(first.count(e) == 1);
  const auto even = [](const Trajectory& of) { return of.episode() % 2 == 0; };
  for (const auto e : episodes((data | by_episode | ranges::views::filter(even) | split(0.9, 1)).second))
    CHECK(second.count(e) == 1);
  CHECK(episodes((data | by_episode | chunks(3) | split(0.9, 1)).first) == first);
  CHECK(episodes((data | by_episode | split(0, 1)).first).empty());
  CHECK(episodes((data | by_episode | split(1, 1)).second).empty());
}

TEST_CASE("views compose with filters of one's own, and keep no numbers", "[data][views]") {
  const auto data = four_episodes();
  const auto complete = [](const WholeEpisode& e) { return e.in().complete; };
  const auto paid = [&](std::int64_t i) { return data.rewards[std::size_t(i)] > 1; };
  CHECK((data | by_episode | ranges::views::filter(complete) | transitions) == Rows{0, 1, 2, 3, 4});
  std::vector<Rows> found;
  for (const auto& piece : data | by_episode | ranges::views::filter(complete) | windows(2))
    found.push_back(piece | ranges::views::filter(paid) | ranges::to<std::vector>());
  CHECK(found == std::vector<Rows>{{1}, {2, 3}, {3, 4}});
  for (const auto& piece : data | by_episode | chunks(2)) CHECK(&piece.data() == &data);
  static_assert(sizeof(Trajectory) == 32);
}

TEST_CASE("what is no size, fraction or discount is refused", "[data][views]") {
  CHECK_THAT(support::error_of([] { windows(0); }), Contains("windows: 0 transitions"));
  CHECK_THAT(support::error_of([] { chunks(-1); }), Contains("chunks: -1 transitions"));
  for (const double wrong : {-0.1, 1.1, std::nan("")}) {
    CHECK_THAT(support::error_of([&] { returns_to_go(wrong); }), Contains("discount"));
    CHECK_THAT(support::error_of([&] { split(wrong, 1); }), Contains("split: the fraction"));
    CHECK_THAT(support::error_of([&] { top_returns(wrong); }), Contains("fraction"));
  }
}
