#include <tessera/env/floor_plan.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include <tessera/env/point_maze.hpp>

using namespace tessera;

TEST_CASE("a goal is reached within its radius, and at it", "[env][floor_plan]") {
  const FloorPlan plan{.goal = {3, -1}, .goal_radius = 5};
  CHECK((plan.reached(3, -1) && plan.reached(6, 3) && plan.reached(-2, -1)));  // 0, 5 and 5 from it
  CHECK_FALSE((plan.reached(6.01, 3) || plan.reached(-2.01, -1) || plan.reached(7, 3)));
  CHECK_FALSE((plan.reached(NAN, 0) || plan.reached(INFINITY, -1)));
  // Without a radius its center alone is it.
  const FloorPlan point{.goal = {0.5, 0.5}};
  CHECK((point.reached(0.5, 0.5) && !point.reached(0.5, 0.5 + 1e-9)));
}

TEMPLATE_TEST_CASE("a maze's plan is what the ball meets", "[env][floor_plan]", MazeUmaze, MazeMedium, MazeLarge) {
  const auto plan = TestType::floor_plan();
  const auto& maze = TestType::maze();
  CHECK(plan.body_radius == Maze::radius);
  // Of a point it is in one wall of the plan exactly where the maze says so; walls neither overlap nor leave gaps.
  double area = 0;
  for (const auto& w : plan.walls) {
    REQUIRE((w[0] < w[2] && w[1] < w[3]));
    area += (w[2] - w[0]) * (w[3] - w[1]);
  }
  int closed = 0;
  for (int i = 0; i < maze.rows(); ++i)
    for (int j = 0; j < maze.columns(); ++j) {
      closed += maze.wall(i, j);
      // The middle of a cell and its corners, just inside; Maze::cell_of says which cell a place is in.
      for (const auto& [dx, dy] : {std::pair{0.5, 0.5}, {0.01, 0.01}, {0.99, 0.01}, {0.01, 0.99}, {0.99, 0.99}}) {
        const double x = i - 0.7 + dx, y = j - 0.7 + dy;
        const auto cell = Maze::cell_of(x, y);
        REQUIRE((cell.i == i && cell.j == j));
        const auto inside = std::count_if(plan.walls.begin(), plan.walls.end(),
                                          [&](const auto& w) { return w[0] < x && x < w[2] && w[1] < y && y < w[3]; });
        CHECK(inside == (maze.wall(i, j) ? 1 : 0));
      }
    }
  CHECK(area == Approx(closed));  // a cell is a square meter
  // What is rewarded is what the plan calls reached.
  TestType env(1, 10);
  for (const double angle : {0.0, 0.7, 2.0, 4.0}) {
    const double x = plan.goal[0] + 0.15 * std::cos(angle), y = plan.goal[1] + 0.15 * std::sin(angle);
    env.place(0, {x, y, 0, 0});
    const float force[2] = {0, 0};
    float reward = 0;
    std::uint8_t ended = 0;
    env.step(force, &reward, &ended);
    CHECK((reward == 1) == plan.reached(env.observations()[0], env.observations()[1]));
    CHECK(reward == 1);
  }
}
