#include <tessera/dataset/episodes.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "helpers/files.hpp"

using Catch::Contains;
using tessera::ranking;
using tessera::top_episodes;
using Rows = std::vector<std::int64_t>;

namespace {
/// Episodes of 2, 0, 3 and 1 transitions; the undiscounted best is the third, the discounted the last.
tessera::Dataset four_episodes() {
  tessera::Dataset data;
  data.episodes = {{0, 2, 3, 5, 4, true}, {2, 0, 1, 1, 1, true}, {2, 3, 4, 9, 6, true}, {5, 1, 1, 7, 7, false}};
  return data;
}
}  // namespace

TEST_CASE("the best episodes by either return, up to a share of the steps", "[data][episodes]") {
  const auto data = four_episodes();  // 3 of 6 transitions with return 9, 1 with 7, 2 with 5
  CHECK(top_episodes(data, 0.5, ranking::undiscounted) == Rows{2, 3, 4});
  CHECK(top_episodes(data, 0.66, ranking::undiscounted) == Rows{2, 3, 4});
  CHECK(top_episodes(data, 4.0 / 6, ranking::undiscounted) == Rows{2, 3, 4, 5});
  CHECK(top_episodes(data, 0.99, ranking::undiscounted) == Rows{2, 3, 4, 5});
  CHECK(top_episodes(data, 1, ranking::undiscounted) == Rows{0, 1, 2, 3, 4, 5});
  CHECK(top_episodes(data, 0.2, ranking::discounted) == Rows{5});
  CHECK(top_episodes(data, 0.7, ranking::discounted) == Rows{2, 3, 4, 5});
}

TEST_CASE("one episode is kept, however long, and it gives a transition", "[data][episodes]") {
  auto data = four_episodes();
  CHECK(top_episodes(data, 0.001, ranking::undiscounted) == Rows{2, 3, 4});
  data.episodes[1].episode_return = 100;  // the best gave none
  CHECK(top_episodes(data, 0.001, ranking::undiscounted) == Rows{2, 3, 4});
  // The next best is too long: what comes after it is not tried.
  data.episodes[0].episode_return = 8;
  CHECK(top_episodes(data, 0.7, ranking::undiscounted) == Rows{2, 3, 4});
}

TEST_CASE("long good episodes are a share of the steps, not of the episodes", "[data][episodes]") {
  tessera::Dataset data;  // a tenth of the episodes holds more than half of the steps
  for (std::int64_t e = 0, first = 0; e < 100; ++e) {
    const std::int64_t steps = e < 10 ? 100 : 9;
    data.episodes.push_back({first, steps, steps, double(steps), double(steps), true});
    first += steps;
  }
  CHECK(top_episodes(data, 0.1, ranking::undiscounted).size() == 100);
  CHECK(top_episodes(data, 0.12, ranking::undiscounted).size() == 200);
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
    CHECK_THAT(support::error_of([&] { top_episodes(data, wrong, ranking::undiscounted); }), Contains("fraction"));
}
