#include <tessera/data/episodes.hpp>

#include "support.hpp"

using Catch::Contains;
using tessera::ranking;
using tessera::top_episodes;
using Rows = std::vector<std::int64_t>;

namespace {
/// Episodes of 2, 0, 3 and 1 transitions; the undiscounted best is the third, the discounted the last.
tessera::Dataset four_episodes() {
  tessera::Dataset data;
  data.episodes = {
      {0, 2, 3, 5, 4, true}, {2, 0, 1, 1, 1, true}, {2, 3, 4, 9, 6, true}, {5, 1, 1, 7, 7, false}};
  return data;
}
}  // namespace

TEST_CASE("episodes are views of transition indices", "[data][episodes]") {
  const auto data = four_episodes();
  std::vector<Rows> seen;
  for (const auto indices : tessera::episode_views(data)) seen.push_back(ranges::to<std::vector>(indices));
  CHECK(seen == std::vector<Rows>{{0, 1}, {}, {2, 3, 4}, {5}});
  CHECK(ranges::to<std::vector>(tessera::episode_views(data) | ranges::views::join) ==
        Rows{0, 1, 2, 3, 4, 5});
}

TEST_CASE("the best episodes by either return", "[data][episodes]") {
  const auto data = four_episodes();
  CHECK(top_episodes(data, 0.25, ranking::undiscounted) == Rows{2, 3, 4});
  CHECK(top_episodes(data, 0.25, ranking::discounted) == Rows{5});
  CHECK(top_episodes(data, 0.5, ranking::undiscounted) == Rows{2, 3, 4, 5});
  CHECK(top_episodes(data, 0.74, ranking::discounted) == Rows{2, 3, 4, 5});
  CHECK(top_episodes(data, 0.75, ranking::discounted) == Rows{0, 1, 2, 3, 4, 5});
  CHECK(top_episodes(data, 0.001, ranking::undiscounted) == Rows{2, 3, 4});
  CHECK(top_episodes(data, 1, ranking::undiscounted) == Rows{0, 1, 2, 3, 4, 5});
}

TEST_CASE("equal returns keep the order of the file, and fractions are decimal", "[data][episodes]") {
  tessera::Dataset data;
  for (std::int64_t i = 0; i < 100; ++i) data.episodes.push_back({i, 1, 1, 0, 0, true});
  const auto best = top_episodes(data, 0.29, ranking::undiscounted);
  CHECK(best.size() == 29);
  CHECK((best.front() == 0 && best.back() == 28));
}

TEST_CASE("a fraction outside (0, 1] is refused", "[data][episodes]") {
  const auto data = four_episodes();
  for (const double wrong : {0.0, -0.1, 1.1, std::nan("")})
    CHECK_THAT(support::error_of([&] { top_episodes(data, wrong, ranking::undiscounted); }),
               Contains("fraction"));
}
