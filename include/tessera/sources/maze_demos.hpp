#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <tessera/dataset/flat_rows.hpp>
#include <tessera/env/point_maze.hpp>
#include <tessera/sources/log_episodes.hpp>
#include <tessera/support/random.hpp>

/// Demonstrations in a maze: they reach its goal, and where there are two ways round, half of them take either.
namespace tessera {
/// Two ways round something: a cell of the one, which is not on the other, and one of the other.
struct TwoWays {
  MazeCell one, other;
};

namespace mazes {
/// A path without a branch: there is one way.
inline std::span<const TwoWays> ways(const Umaze&) { return {}; }
/// Across the middle, 3 cells, or around by the left and the bottom, 9.
inline constexpr TwoWays medium_ways[] = {{{3, 3}, {5, 3}}};
inline std::span<const TwoWays> ways(const Medium&) { return medium_ways; }
/// Around the block at the upper left; down or up from the middle; around the block at the upper right.
inline constexpr TwoWays large_ways[] = {{{2, 4}, {3, 3}}, {{4, 6}, {5, 9}}, {{3, 9}, {2, 10}}};
inline std::span<const TwoWays> ways(const Large&) { return large_ways; }
}  // namespace mazes

/// A shortest route, cell by cell, from one cell to another, both among them, that enters none of the `closed` cells;
/// which of several that are equally short is drawn.  Empty where there is none.
std::vector<MazeCell> shortest_route(const Maze& maze, MazeCell from, MazeCell to, std::span<const MazeCell> closed,
                                     Random& random);

/// A route to the goal, after one of each two ways was closed: by a coin, or the other where that leaves no route.
std::vector<MazeCell> drawn_route(const Maze& maze, MazeCell from, std::span<const TwoWays> ways, Random& random);

/// Who follows a route: pushes towards the next of its cells in proportion to the distance, less the speed, with noise.
/// Before it sets out, and where more than two ways meet, it looks around: it moves to and fro within 0.2 m for 60 to
/// 120 steps, and then goes on.
///
/// Meanwhile nothing that is seen tells when it goes on, or by which way.  The mean of what is done there is to stay,
/// and the mean of setting out by either way is to push into the wall between them.  So a policy that acts by the mean
/// stays there, and one that draws from all that was done leaves as the demonstrator does.  (How pauses hold policies:
/// Chi et al., "Diffusion Policy", 2023, on idle actions.)
/// The controller is that of D4RL's maze2d data, u = 10 (next - place) - speed.  Differs from it in looking around, in
/// that a cell counts as passed within 0.2 m, not 0.1, and in that routes go several ways round, not the shortest.
class RouteFollower {
 public:
  RouteFollower(const Maze& maze, std::vector<MazeCell> route) : maze_(&maze), route_(std::move(route)) {}

  const std::vector<MazeCell>& route() const { return route_; }
  /// Writes the two forces for an observation.
  void act(const float* seen, Random& random, float* action);
  /// False from the step on with which it has been at the goal for 30 to 70 steps.
  bool goes_on(const float* seen, Random& random);

 private:
  bool looks_around_at(MazeCell cell) const;

  const Maze* maze_;
  std::vector<MazeCell> route_;
  std::size_t next_ = 0;
  std::array<double, 2> aside_{};      // of the next cell, where it looks around
  int looks_for_ = 0, stays_for_ = 0;  // steps from now on; 0: it does not
};

/// `count` demonstrations of at most `horizon` steps from starts of the task's own; each is cut some time after it has
/// reached the goal, where it stays until then.
template <class M>
FlatRows maze_demos(std::int64_t count, int horizon, std::uint64_t seed) {
  PointMaze<M> env(count, horizon, seed);
  auto noise = detail::noise_of(count, seed);
  std::vector<RouteFollower> who;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const float* at = env.observations() + i * PointMaze<M>::observation_size;
    who.emplace_back(env.maze(), drawn_route(env.maze(), Maze::cell_of(at[0], at[1]), mazes::ways(M{}), noise[i]));
  }
  return detail::log_copies(
      env, horizon, [&](std::size_t i, const float* seen, float* action) { who[i].act(seen, noise[i], action); },
      [&](std::size_t i, const float* seen) { return who[i].goes_on(seen, noise[i]); });
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/sources/maze_demos.impl.hpp>
#endif
