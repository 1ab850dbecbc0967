#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <tessera/concepts/environment.hpp>
#include <tessera/env/floor_plan.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/random.hpp>

namespace tessera {
/// A cell of a maze: row and column of its map.
struct MazeCell {
  int i = 0, j = 0;
  friend bool operator==(const MazeCell&, const MazeCell&) = default;
};

/// The mazes of D4RL's maze2d, as rows of text: '#' a wall, 'G' the goal, 'O' free.  `horizon`: its time limit, steps.
namespace mazes {
struct Umaze {
  static constexpr const char* name = "maze-umaze";
  static constexpr int horizon = 300;
  static constexpr std::array<std::string_view, 5> map = {"#####", "#GOO#", "###O#", "#OOO#", "#####"};
};
struct Medium {
  static constexpr const char* name = "maze-medium";
  static constexpr int horizon = 600;
  static constexpr std::array<std::string_view, 8> map = {"########", "#OO##OO#", "#OO#OOO#", "##OOO###",
                                                          "#OO#OOO#", "#O#OO#O#", "#OOO#OG#", "########"};
};
struct Large {
  static constexpr const char* name = "maze-large";
  static constexpr int horizon = 800;
  static constexpr std::array<std::string_view, 9> map = {"############", "#OOOO#OOOOO#", "#O##O#O#O#O#",
                                                          "#OOOOOO#OOO#", "#O####O###O#", "#OO#O#OOOOO#",
                                                          "##O#O#O#O###", "#OO#OOO#OGO#", "############"};
};
}  // namespace mazes

/// A map, and how a ball moves in it.
///
/// Coordinates are those of D4RL's observations: a ball that starts in the cell of row i and column j starts at (i, j),
/// which is 0.2 off the cell's center: the cell reaches from i - 0.7 to i + 0.3, and likewise in j.  Meters.
class Maze {
 public:
  static constexpr double radius = 0.1;  ///< of the ball
  static constexpr double goal_radius = 0.5;

  explicit Maze(std::span<const std::string_view> map);

  int rows() const { return static_cast<int>(map_.size()); }
  int columns() const { return static_cast<int>(map_.front().size()); }
  /// Outside of the map there is wall.
  bool wall(int i, int j) const;
  /// The free cells, the goal's among them, row by row.
  const std::vector<MazeCell>& free_cells() const { return free_; }
  MazeCell goal() const { return goal_; }
  FloorPlan floor_plan() const;

  static MazeCell cell_of(double x, double y);
  /// By how much a ball there is inside of a wall: 0 where it is in none.
  double overlap(double x, double y) const;

  /// Moves a ball for `time` s from `place` (m), where it overlaps no wall, with a constant `velocity` (m/s).
  ///
  /// What it meets takes the velocity against it and leaves the rest, without friction and without a bounce: along a
  /// face, and off a corner at a tangent.  Between one meeting and the next the way is straight, and each is found by
  /// solving for its time; so nothing is passed through, however fast the ball.
  void slide(std::array<double, 2>& place, std::array<double, 2>& velocity, double time) const;

 private:
  static constexpr double border = 0.3;  ///< of the cells k and k + 1: k + border

  std::span<const std::string_view> map_;
  std::vector<MazeCell> free_;
  MazeCell goal_;
};

/// Copies of a ball in a maze, of any map: `PointMaze` has it as an environment.
class PointMazeCopies {
 public:
  using space = Continuous;
  using action_type = float;
  static constexpr std::int64_t observation_size = 4;
  static constexpr std::int64_t action_size = 2;
  static constexpr float action_low = -1, action_high = 1;

  PointMazeCopies(const char* name, const Maze& maze, std::int64_t count, int horizon, std::uint64_t seed);

  std::int64_t count() const { return static_cast<std::int64_t>(states_.size()); }
  int horizon() const { return horizon_; }
  const float* observations() const { return observations_.data(); }
  const Maze& maze() const { return *maze_; }

  /// Starts every copy anew; copy i from a state drawn with (seed, i).
  void reset(std::uint64_t seed);

  /// Puts copy i into a state (x m, y m, speed in x m/s, speed in y m/s).  Throws Error where there is a wall.
  void place(std::size_t i, const std::array<double, 4>& state);

  /// Puts copy i into the state that an observation shows.
  void show(std::size_t i, const float* observation) {
    place(i, {observation[0], observation[1], observation[2], observation[3]});
  }

  /// One step of 0.01 s: (count, 2) forces in, (count) rewards and end marks (all 0) out.
  void step(const float* actions, float* rewards, std::uint8_t* terminated);

 private:
  void set(std::size_t i, const std::array<double, 4>& state);

  const Maze* maze_;
  int horizon_;
  std::vector<std::array<double, 4>> states_;
  std::vector<float> observations_;
};

/// Push a ball through a maze to a goal that does not move: the physics and the mazes of D4RL's maze2d.
///
/// Observation (x, y, speed in x, speed in y) in m and m/s; action: forces in x and y in units of 100 N, each clipped
/// to [-1, 1].  The ball weighs 4.18879 kg (0.1 m of radius, 1000 kg / m^3), and is braked by 1 N for each m/s.  One
/// step of 0.01 s: speeds are clipped to [-5, 5], then  v <- v + h (100 u - v) / (m + h),  x <- x + h v.  Reward 1
/// where the ball is within 0.5 m of the goal after the step, else 0; being there never ends an episode.  Starts in any
/// free cell, the goal's too, uniform within 0.1 m of its place in each direction, with speeds of 0.1 N(0, 1).
/// Source: Fu et al., "D4RL: Datasets for Deep Data-Driven Reinforcement Learning", 2020, maze2d-*-v1, and its code.
/// Differs from it: walls are hard, where MuJoCo's give a little and push back (see `Maze::slide`).
template <class M>
class PointMaze : public PointMazeCopies {
 public:
  static constexpr const char* name = M::name;
  static constexpr int default_horizon = M::horizon;
  static const Maze& maze() {
    static const Maze one(M::map);
    return one;
  }
  static FloorPlan floor_plan() { return maze().floor_plan(); }

  explicit PointMaze(std::int64_t count, int horizon = default_horizon, std::uint64_t seed = 0)
      : PointMazeCopies(name, maze(), count, horizon, seed) {}
};
using MazeUmaze = PointMaze<mazes::Umaze>;
using MazeMedium = PointMaze<mazes::Medium>;
using MazeLarge = PointMaze<mazes::Large>;

static_assert(Environment<MazeUmaze> && Environment<MazeMedium> && Environment<MazeLarge>);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/env/point_maze.impl.hpp>
#endif
