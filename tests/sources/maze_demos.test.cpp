#include <tessera/sources/maze_demos.hpp>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <tessera/sources/builtin.hpp>

using tessera::builtin_dataset;
using tessera::Dataset;
using tessera::Maze;
using tessera::MazeCell;
using tessera::MazeLarge;
using tessera::MazeMedium;
using tessera::MazeUmaze;
using tessera::Random;

namespace {
/// The cells that an episode goes through, each change once.
std::vector<MazeCell> way_of(const Dataset& data, const tessera::Episode& episode) {
  std::vector<MazeCell> way;
  for (std::int64_t k = 0; k < episode.transitions; ++k) {
    const float* o = data.observation(episode.first + k);
    const auto cell = Maze::cell_of(o[0], o[1]);
    if (way.empty() || way.back() != cell) way.push_back(cell);
  }
  return way;
}
bool has(const std::vector<MazeCell>& way, MazeCell cell) {
  return std::find(way.begin(), way.end(), cell) != way.end();
}

/// Demonstrations of four seeds, made once.
const std::vector<Dataset>& demos(const std::string& name) {
  static std::map<std::string, std::vector<Dataset>> made;
  auto& all = made[name];
  for (std::uint64_t seed = 0; all.size() < 4; ++seed) all.push_back(builtin_dataset(name, seed));
  return all;
}

/// How many demonstrations that start in one of `starts` go through either cell, and through both or none.
struct Shares {
  int one = 0, other = 0, neither = 0;
};
Shares shares(const char* name, const std::vector<MazeCell>& starts, MazeCell one, MazeCell other) {
  Shares out;
  for (const auto& data : demos(name))
    for (const auto& episode : data.episodes) {
      const auto way = way_of(data, episode);
      if (!has(starts, way.front())) continue;
      const bool by_one = has(way, one), by_other = has(way, other);
      ++(by_one == by_other ? out.neither : by_one ? out.one : out.other);
    }
  return out;
}
/// A fair coin: within four standard deviations.
bool fair(const Shares& s) {
  const double n = s.one + s.other;
  return s.neither == 0 && n > 40 && std::abs(s.one - n / 2) < 2 * std::sqrt(n);
}
}  // namespace

TEST_CASE("a shortest route is one, and enters no closed cell", "[data][maze_demos]") {
  const auto& maze = MazeMedium::maze();
  Random random(0);
  const auto length = [&](MazeCell from, std::vector<MazeCell> closed) {
    const auto route = tessera::shortest_route(maze, from, maze.goal(), closed, random);
    for (std::size_t k = 0; k < route.size(); ++k) {
      CHECK((!maze.wall(route[k].i, route[k].j) && !has(closed, route[k])));
      if (k > 0) CHECK(std::abs(route[k].i - route[k - 1].i) + std::abs(route[k].j - route[k - 1].j) == 1);
    }
    if (!route.empty()) CHECK((route.front() == from && route.back() == maze.goal()));
    return route.size();
  };
  // Counted in the map: (1,1) (1,2) (2,2) (3,2) (3,3) (3,4) (4,4) (4,5) (4,6) (5,6) (6,6).
  CHECK(length({1, 1}, {}) == 11);
  // Around: (3,2) (4,2) (4,1) (5,1) (6,1) (6,2) (6,3) (5,3) (5,4) (4,4) instead of (3,2) (3,3) (3,4) (4,4).
  CHECK(length({1, 1}, {{3, 3}}) == 17);
  CHECK(length({1, 1}, {{3, 3}, {5, 3}}) == 0);
  CHECK(length({1, 1}, {{6, 6}}) == 0);
  CHECK(length({6, 6}, {}) == 1);
  // Of the two ways round the first block, (1,2) or (2,1), either is drawn.
  int right = 0;
  for (int n = 0; n < 400; ++n) right += has(tessera::shortest_route(maze, {1, 1}, {2, 2}, {}, random), {1, 2});
  CHECK(std::abs(right - 200) < 40);
}

TEST_CASE("maze demonstrations reach the goal and stay there", "[data][maze_demos]") {
  for (const auto* name : {"maze-umaze-demos", "maze-medium-demos", "maze-large-demos"}) {
    const auto data = builtin_dataset(name);
    CHECK((data.episodes.size() == 300 && data.observation_size == 4 && data.action_size == 2));
    CHECK((data.action_low == std::vector<float>{-1, -1} && data.action_high == std::vector<float>{1, 1}));
    CHECK(std::count(data.terminals.begin(), data.terminals.end(), 1) == 0);
    CHECK(std::all_of(data.actions.begin(), data.actions.end(), [](float u) { return u >= -1 && u <= 1; }));
    bool reach = true;
    for (const auto& episode : data.episodes)
      for (std::int64_t k = 0; k < 31; ++k)
        reach = reach && data.rewards[std::size_t(episode.first + episode.transitions - 1 - k)] == 1;
    CHECK(reach);
  }
}

TEST_CASE("maze demonstrations follow the task's own steps", "[data][maze_demos]") {
  const auto data = builtin_dataset("maze-large-demos", 2);
  MazeLarge env(1);
  for (std::int64_t i = 0; i < data.size(); i += 997) {
    env.show(0, data.observation(i));
    float reward = 0;
    std::uint8_t terminated = 0;
    env.step(data.actions.data() + 2 * i, &reward, &terminated);
    CHECK(reward == data.rewards[std::size_t(i)]);
    for (int j = 0; j < 4; ++j) CHECK(env.observations()[j] == Approx(data.next_observation(i)[j]).margin(1e-4));
  }
}

TEST_CASE("half of the maze demonstrations go either way round", "[data][maze_demos]") {
  // From before the place where two ways part, and from both of them: the ones that turn around go the long way.
  CHECK(fair(shares("maze-medium-demos", {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {3, 2}}, {3, 3}, {5, 3})));
  CHECK(fair(shares("maze-medium-demos", {{4, 1}, {5, 1}, {6, 1}, {6, 2}}, {3, 3}, {5, 3})));
  CHECK(fair(shares("maze-large-demos", {{1, 1}, {2, 1}, {1, 2}, {3, 1}, {4, 1}, {5, 1}}, {2, 4}, {3, 3})));
  CHECK(fair(shares("maze-large-demos", {{3, 4}, {3, 5}, {3, 6}}, {4, 6}, {5, 9})));
  CHECK(fair(shares("maze-large-demos", {{1, 8}, {1, 7}}, {4, 6}, {5, 9})));
  // In the U there is one way.
  const auto data = builtin_dataset("maze-umaze-demos");
  for (const auto& episode : data.episodes) {
    const auto way = way_of(data, episode);
    Random random(0);
    CHECK(way == tessera::shortest_route(MazeUmaze::maze(), way.front(), {1, 1}, {}, random));
  }
}

TEST_CASE("where ways part the demonstrations' mean is to stay, and between both ways", "[data][maze_demos]") {
  // In the large maze's cell (3, 6) the ways lead to +x and to -x, and towards +y there is wall.  Of the steps there
  // few are of who goes on: those push with nearly all their force to either side.
  double all = 0, mean = 0, down = 0, up = 0, going = 0, size = 0;
  for (const auto& data : demos("maze-large-demos"))
    for (const auto& episode : data.episodes)
      for (std::int64_t k = 0; k + 15 < episode.transitions; ++k) {
        const auto i = episode.first + k;
        const float *now = data.observation(i), *later = data.observation(i + 15);
        if (std::hypot(now[0] - 3, now[1] - 6) > 0.2f || std::hypot(now[2], now[3]) > 1) continue;
        const double force = data.actions[std::size_t(2 * i)];
        ++all, mean += force;
        if (std::abs(later[0] - 3) < 0.5f) continue;
        size += std::abs(force), going += force;
        (later[0] > 3 ? down : up) += 1;
      }
  const double n = down + up;
  CAPTURE(all, mean / all, n, down, up, going / n, size / n);
  CHECK((n > 500 && n < 0.15 * all));
  CHECK(std::abs(mean / all) < 0.1);
  CHECK((down > 0.3 * n && up > 0.3 * n));
  CHECK(size / n > 0.8);
  CHECK(std::abs(going / n) < 0.4 * size / n);
}

TEST_CASE("a maze demonstration does not depend on how many there are", "[data][maze_demos]") {
  const auto few = tessera::maze_demos<tessera::mazes::Medium>(3, 600, 9),
             many = tessera::maze_demos<tessera::mazes::Medium>(30, 600, 9);
  CHECK(std::equal(few.observations.begin(), few.observations.end(), many.observations.begin()));
  CHECK(std::equal(few.actions.begin(), few.actions.end(), many.actions.begin()));
  const auto other = tessera::maze_demos<tessera::mazes::Medium>(3, 600, 10);
  CHECK(few.observations != other.observations);
}
