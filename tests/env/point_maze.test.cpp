#include <tessera/env/point_maze.hpp>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <tessera/env/check_environment.hpp>

using tessera::Maze;
using tessera::MazeCell;
using tessera::MazeLarge;
using tessera::MazeMedium;
using tessera::MazeUmaze;
using tessera::Random;

namespace {
using Pair = std::array<double, 2>;

/// One step of one copy from a state.
struct Stepped {
  float x, y, vx, vy, reward;
  std::uint8_t terminated;
};
template <class E>
Stepped step(const std::array<double, 4>& state, std::array<float, 2> force) {
  E env(1);
  env.place(0, state);
  float reward = -1;
  std::uint8_t terminated = 1;
  env.step(force.data(), &reward, &terminated);
  const float* o = env.observations();
  return {o[0], o[1], o[2], o[3], reward, terminated};
}

/// How far the ball is from the nearest wall, by the boxes of the map alone: negative is inside.
double clearance(const Maze& maze, Pair at) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = -1; i <= maze.rows(); ++i)
    for (int j = -1; j <= maze.columns(); ++j) {
      if (!maze.wall(i, j)) continue;
      const double dx = std::max(std::abs(at[0] - (i - 0.2)) - 0.5, 0.0),
                   dy = std::max(std::abs(at[1] - (j - 0.2)) - 0.5, 0.0);
      least = std::min(least, std::sqrt(dx * dx + dy * dy) - Maze::radius);
    }
  return least;
}

/// The same motion in many small pieces, each of which is pushed out of the boxes that it ends in: an independent way
/// to where the ball goes, to the length of a piece.
void creep(const Maze& maze, Pair& at, Pair& v, double time, int pieces) {
  for (int n = 0; n < pieces; ++n) {
    for (int k = 0; k < 2; ++k) at[std::size_t(k)] += v[std::size_t(k)] * time / pieces;
    for (int again = 0; again < 4; ++again)
      for (int i = 0; i < maze.rows(); ++i)
        for (int j = 0; j < maze.columns(); ++j) {
          if (!maze.wall(i, j)) continue;
          const double cx = i - 0.2, cy = j - 0.2;
          if (std::abs(at[0] - cx) > 0.61 || std::abs(at[1] - cy) > 0.61) continue;
          const Pair nearest{std::clamp(at[0], cx - 0.5, cx + 0.5), std::clamp(at[1], cy - 0.5, cy + 0.5)};
          const double x = at[0] - nearest[0], y = at[1] - nearest[1], d = std::hypot(x, y);
          // Two boxes side by side have one face: an edge between them is none.
          const bool inner_x =
              x != 0 && y != 0 && (maze.wall(x > 0 ? i + 1 : i - 1, j) || maze.wall(i, y > 0 ? j + 1 : j - 1));
          if (d >= Maze::radius || d == 0 || inner_x) continue;
          at = {nearest[0] + x / d * Maze::radius, nearest[1] + y / d * Maze::radius};
          const double against = (v[0] * x + v[1] * y) / d;
          if (against < 0) v[0] -= against * x / d, v[1] -= against * y / d;
        }
  }
}
}  // namespace

TEMPLATE_TEST_CASE("a point maze keeps the laws of an environment", "[env][point_maze]", MazeUmaze, MazeMedium,
                   MazeLarge) {
  CHECK(tessera::environment_report<TestType>());
}

TEST_CASE("the mazes are those of D4RL", "[env][point_maze]") {
  CHECK((std::string(MazeUmaze::name) == "maze-umaze" && MazeUmaze::default_horizon == 300));
  CHECK((std::string(MazeMedium::name) == "maze-medium" && MazeMedium::default_horizon == 600));
  CHECK((std::string(MazeLarge::name) == "maze-large" && MazeLarge::default_horizon == 800));
  CHECK((MazeUmaze::maze().goal() == MazeCell{1, 1} && MazeUmaze::maze().free_cells().size() == 7));
  CHECK((MazeMedium::maze().goal() == MazeCell{6, 6} && MazeMedium::maze().free_cells().size() == 26));
  CHECK((MazeLarge::maze().goal() == MazeCell{7, 9} && MazeLarge::maze().free_cells().size() == 46));
  // Counted in the maps by hand: walls in all, less the runs that a row has.
  const auto plan = MazeUmaze::floor_plan();
  CHECK((plan.walls.size() == 8 && plan.goal == Pair{1, 1} && plan.goal_radius == 0.5 && plan.body_radius == 0.1));
  CHECK(plan.walls[0][0] == Approx(-0.7));  // the first row, 0, is one box of 5
  CHECK(plan.walls[0][3] == Approx(4.3));
  CHECK((plan.reached(1.3, 1.4) && !plan.reached(1.4, 1.4)));
}

TEST_CASE("one step of a ball in the open, computed by hand", "[env][point_maze]") {
  // mass 4.1887902 kg; per step 0.01 (100 u - v) / 4.1987902 m/s, then 0.01 s of it.
  struct Step {
    std::array<double, 4> state;
    std::array<float, 2> force;
    Stepped after;
  };
  const Step steps[] = {
      {{3, 2, 0, 0}, {1, 0}, {3.0023816384f, 2, 0.2381638404f, 0, 0, 0}},
      {{3, 2, 1, -0.5}, {-0.5f, 0.25f}, {3.0087853644f, 1.9956073178f, 0.8785364414f, -0.4392682207f, 0, 0}},
      {{3, 2, 0, 0},
       {7, -3},
       {3.0023816384f, 1.9976183616f, 0.2381638404f, -0.2381638404f, 0, 0}},  // forces are clipped
      {{3, 1.5, 0, 9}, {0, 0}, {3, 1.5498809181f, 0, 4.9880918080f, 0, 0}},   // and speeds
      {{3, 1.5, 0, 5}, {0, 1}, {3, 1.5522625566f, 0, 5.2262556483f, 0, 0}},   // before the step
  };
  for (const auto& s : steps) {
    const auto seen = step<MazeUmaze>(s.state, s.force);
    CHECK(seen.x == Approx(s.after.x).epsilon(1e-6));
    CHECK(seen.y == Approx(s.after.y).epsilon(1e-6));
    CHECK(seen.vx == Approx(s.after.vx).epsilon(1e-6).margin(1e-9));
    CHECK(seen.vy == Approx(s.after.vy).epsilon(1e-6).margin(1e-9));
    CHECK((seen.reward == 0 && seen.terminated == 0));
  }
  // What is no number pushes nothing.
  const auto still = step<MazeUmaze>({3, 2, 0, 0}, {std::nanf(""), 0.0f});
  CHECK((still.x == 3 && still.vx == 0));
}

TEST_CASE("the goal pays within half a meter and ends nothing", "[env][point_maze]") {
  CHECK(step<MazeUmaze>({1, 1.4999, 0, 0}, {0, 0}).reward == 1);
  CHECK(step<MazeUmaze>({1, 1.5001, 0, 0}, {0, 0}).reward == 0);
  CHECK(step<MazeUmaze>({1, 1.49, 0, 5}, {0, 1}).reward == 0);  // it is where the step ends that counts
  MazeUmaze env(1, 3);
  env.place(0, {1, 1, 0, 0});
  const float force[] = {0, 0};
  float reward = 0;
  std::uint8_t terminated = 1;
  for (int t = 0; t < 10; ++t) {  // beyond the horizon too: to cut is the caller's
    env.step(force, &reward, &terminated);
    CHECK((reward == 1 && terminated == 0));
  }
}

TEST_CASE("a ball meets faces and corners where they are, by hand", "[env][point_maze]") {
  const auto& maze = MazeUmaze::maze();  // row 1 of it: cells (1, 1) to (1, 3); the ball's center stays in x [0.4, 1.2]
  const auto slid = [&](Pair at, Pair v, double time) {
    maze.slide(at, v, time);
    return std::array<double, 4>{at[0], at[1], v[0], v[1]};
  };
  const auto near = [](const std::array<double, 4>& a, const std::array<double, 4>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return std::abs(x - y) < 1e-12; });
  };
  // Straight into each of the four faces, at any speed.
  CHECK(near(slid({1, 2}, {1e6, 0}, 1), {1.2, 2, 0, 0}));
  CHECK(near(slid({1, 2}, {-3, 0}, 1), {0.4, 2, 0, 0}));
  CHECK(near(slid({1, 2}, {0, -1e6}, 1), {1, 0.4, 0, 0}));
  CHECK(near(slid({1, 2}, {0, 1e3}, 1), {1, 3.2, 0, 0}));
  // Slanting into one it goes on along it: 0.2 s to the face at 1.2, and 1.2 m/s in y all the while, over the seams
  // between the boxes (2, 1) and (2, 2) of the wall.
  const auto along = slid({1, 1}, {1, 1.2}, 1);
  CHECK((along[0] == 1.2 && along[1] == Approx(2.2).epsilon(1e-12) && along[2] == 0 && along[3] == 1.2));
  // Two faces are a corner of the room.
  CHECK(near(slid({1, 1}, {3, -7}, 1), {1.2, 0.4, 0, 0}));
  // The wall (2, 2) has a corner at (1.3, 2.3), between the ways along y and along x.  From (1.2, 2.5) down in y it is
  // missed by nothing: a tangent, and on to the face at 0.4.
  CHECK(near(slid({1.2, 2.5}, {0, -1}, 5), {1.2, 0.4, 0, -0.0}));
  // From (1.24, 2.5), in -y: it is met where y - 2.3 = sqrt(0.01 - 0.0036) = 0.08, after 0.12 s.  There the normal is
  // (-0.6, 0.8); of (0, -1) it takes -0.8, which leaves (-0.48, -0.36); 0.1 s of that.
  const auto off = slid({1.24, 2.5}, {0, -1}, 0.22);
  CHECK(off[0] == Approx(1.24 - 0.048).epsilon(1e-12));
  CHECK(off[1] == Approx(2.38 - 0.036).epsilon(1e-12));
  CHECK(off[2] == Approx(-0.48).epsilon(1e-12));
  CHECK(off[3] == Approx(-0.36).epsilon(1e-12));
  // Head on, along the diagonal, it stops: at 0.1 from the corner.
  const auto head = slid({1.1, 2.5}, {1, -1}, 10);
  CHECK(head[0] == Approx(1.3 - 0.1 / std::sqrt(2)).epsilon(1e-12));
  CHECK(head[1] == Approx(2.3 + 0.1 / std::sqrt(2)).epsilon(1e-12));
  CHECK((std::abs(head[2]) < 1e-12 && std::abs(head[3]) < 1e-12));
  // A corner is no corner where the wall goes on: (2, 1) and (2, 2) are one face, and (3, 3) to (3, 1) one floor.
  CHECK(slid({3, 3}, {0.5, -100}, 1)[1] == Approx(0.4).epsilon(1e-12));
}

TEMPLATE_TEST_CASE("a ball goes where many small pieces of its way go", "[env][point_maze]", MazeUmaze, MazeMedium,
                   MazeLarge) {
  const auto& maze = TestType::maze();
  Random random(3);
  int met = 0, corners = 0;
  for (int n = 0; n < 80; ++n) {
    const auto cell = maze.free_cells()[random.below(maze.free_cells().size())];
    Pair at{cell.i - 0.2 + random.uniform(-0.4, 0.4), cell.j - 0.2 + random.uniform(-0.4, 0.4)};
    if (clearance(maze, at) < 0) continue;
    const double angle = random.uniform(0, 6.283185307179586), fast = random.uniform(0, 5);
    Pair v{fast * std::cos(angle), fast * std::sin(angle)}, reference = at, reference_v = v;
    const Pair before = v;
    maze.slide(at, v, 0.3);
    creep(maze, reference, reference_v, 0.3, 20'000);
    met += v != before;
    corners += v != before && v[0] != 0 && v[1] != 0;
    CAPTURE(n, cell.i, cell.j, at[0], at[1], reference[0], reference[1]);
    CHECK(at[0] == Approx(reference[0]).margin(2e-3));
    CHECK(at[1] == Approx(reference[1]).margin(2e-3));
  }
  CHECK((met > 20 && corners > 0));
}

TEMPLATE_TEST_CASE("ten thousand random forces leave the ball outside of the walls", "[env][point_maze]", MazeUmaze,
                   MazeMedium, MazeLarge) {
  const auto& maze = TestType::maze();
  constexpr std::size_t copies = 100;
  TestType env(copies, 100, 7);
  Random random(1);
  std::vector<float> force(2 * copies), reward(copies);
  std::vector<std::uint8_t> terminated(copies);
  std::vector<std::array<int, 2>> been(copies);
  double least = 1;
  bool apart = true, jumped = false;
  for (int t = 0; t < 400; ++t) {
    if (t % 4 == 0)
      for (auto& u : force) u = static_cast<float>(random.uniform(-3, 3));
    std::vector<float> before(env.observations(), env.observations() + 4 * copies);
    env.step(force.data(), reward.data(), terminated.data());
    for (std::size_t i = 0; i < copies; ++i) {
      const float* o = env.observations() + 4 * i;
      least = std::min(least, clearance(maze, {o[0], o[1]}));
      // From one cell to a neighbor, or to one at a corner where it could go around.
      const auto from = Maze::cell_of(before[4 * i], before[4 * i + 1]), to = Maze::cell_of(o[0], o[1]);
      apart = apart && std::abs(from.i - to.i) <= 1 && std::abs(from.j - to.j) <= 1;
      jumped = jumped || (from.i != to.i && from.j != to.j && maze.wall(from.i, to.j) && maze.wall(to.i, from.j));
    }
  }
  CHECK((least > -1e-6 && apart && !jumped));  // to the precision of a float

  // Far beyond any speed that the task has, and in double.
  double deepest = 1;
  for (int n = 0; n < 10'000; ++n) {
    const auto cell = maze.free_cells()[random.below(maze.free_cells().size())];
    Pair at{cell.i - 0.2, cell.j - 0.2}, v{random.normal(), random.normal()};
    const double speed = std::pow(10, random.uniform(-2, 6));
    v = {v[0] * speed, v[1] * speed};
    maze.slide(at, v, 1);
    deepest = std::min(deepest, clearance(maze, at));
    maze.slide(at, v, 1);  // and on from where it lies
    deepest = std::min(deepest, clearance(maze, at));
  }
  CHECK(deepest > -1e-12);
}

TEST_CASE("a point maze starts in any free cell, nearly at rest", "[env][point_maze]") {
  const MazeUmaze env(7000, 300, 5);
  std::vector<int> starts(25, 0);
  double squared_speed = 0, off = 0;
  for (int n = 0; n < 7000; ++n) {
    const float* o = env.observations() + 4 * n;
    const int i = static_cast<int>(std::lround(o[0])), j = static_cast<int>(std::lround(o[1]));
    REQUIRE(!MazeUmaze::maze().wall(i, j));
    REQUIRE((std::abs(o[0] - float(i)) <= 0.1f && std::abs(o[1] - float(j)) <= 0.1f));
    ++starts[std::size_t(5 * i + j)];
    squared_speed += (o[2] * o[2] + o[3] * o[3]) / 14000.0;
    off += double(o[0] - float(i)) * double(o[0] - float(i)) / 7000;
  }
  CHECK(std::count(starts.begin(), starts.end(), 0) == 25 - 7);
  for (const int n : starts) CHECK((n == 0 || std::abs(n - 1000) < 150));  // five standard deviations of 29
  CHECK(squared_speed == Approx(0.01).epsilon(0.05));
  CHECK(off == Approx(0.01 / 3).epsilon(0.05));
}

TEST_CASE("a ball is shown where an observation says, and not in a wall", "[env][point_maze]") {
  MazeMedium env(2, 600, 3), other(1);
  const float force[] = {0.3f, -0.4f, 1, 1};
  float reward[2];
  std::uint8_t terminated[2];
  for (int t = 0; t < 50; ++t) env.step(force, reward, terminated);
  other.show(0, env.observations() + 4);
  CHECK(std::equal(other.observations(), other.observations() + 4, env.observations() + 4));
  CHECK_THROWS_WITH(other.place(0, {3, 1, 0, 0}),
                    Catch::Contains("there is a wall at (3.0") && Catch::Contains("free cell"));
  CHECK_THROWS_WITH(other.place(0, {100, 1, 0, 0}), Catch::Contains("there is a wall"));
  CHECK_THROWS_WITH(other.place(0, {std::nan(""), 1, 0, 0}), Catch::Contains("no place"));
  CHECK_THROWS_WITH(MazeLarge(0), Catch::Contains("maze-large") && Catch::Contains("at least 1"));
  CHECK_THROWS_WITH(MazeLarge(1, 0), Catch::Contains("horizon 0"));
}
