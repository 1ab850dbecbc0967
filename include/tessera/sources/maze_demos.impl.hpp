#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include <tessera/sources/maze_demos.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
inline constexpr std::array<MazeCell, 4> neighbors{{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
}  // namespace detail

// Breadth first, from the end, so that the distances of all cells to it are known; then downhill.
TESSERA_INLINE std::vector<MazeCell> shortest_route(const Maze& maze, MazeCell from, MazeCell to,
                                                    std::span<const MazeCell> closed, Random& random) {
  const auto index = [&](MazeCell c) { return std::size_t(c.i * maze.columns() + c.j); };
  std::vector<int> distance(std::size_t(maze.rows() * maze.columns()), -1);
  const auto open = [&](MazeCell c) {
    return !maze.wall(c.i, c.j) && std::find(closed.begin(), closed.end(), c) == closed.end();
  };
  if (!open(from) || !open(to)) return {};
  std::deque<MazeCell> reached{to};
  distance[index(to)] = 0;
  while (!reached.empty()) {
    const auto c = reached.front();
    reached.pop_front();
    for (const auto& d : detail::neighbors)
      if (const MazeCell n{c.i + d.i, c.j + d.j}; open(n) && distance[index(n)] < 0)
        distance[index(n)] = distance[index(c)] + 1, reached.push_back(n);
  }
  if (distance[index(from)] < 0) return {};
  std::vector<MazeCell> route{from};
  while (route.back() != to) {
    std::vector<MazeCell> nearer;
    for (const auto& d : detail::neighbors)
      if (const MazeCell n{route.back().i + d.i, route.back().j + d.j};
          open(n) && distance[index(n)] == distance[index(route.back())] - 1)
        nearer.push_back(n);
    route.push_back(nearer[std::size_t(random.below(nearer.size()))]);
  }
  return route;
}

TESSERA_INLINE std::vector<MazeCell> drawn_route(const Maze& maze, MazeCell from, std::span<const TwoWays> ways,
                                                 Random& random) {
  std::vector<MazeCell> closed;
  for (const auto& two : ways) {
    const bool first = random.below(2) == 0;
    closed.push_back(first ? two.one : two.other);
    if (shortest_route(maze, from, maze.goal(), closed, random).empty()) closed.back() = first ? two.other : two.one;
    if (shortest_route(maze, from, maze.goal(), closed, random).empty()) closed.pop_back();
  }
  return shortest_route(maze, from, maze.goal(), closed, random);
}

TESSERA_INLINE bool RouteFollower::looks_around_at(MazeCell cell) const {
  int open = 0;
  for (const auto& d : detail::neighbors) open += !maze_->wall(cell.i + d.i, cell.j + d.j);
  return open > 2;
}

TESSERA_INLINE void RouteFollower::act(const float* seen, Random& random, float* action) {
  constexpr double near = 0.2, noise = 0.2, around = 0.2;
  constexpr int glance = 8;  // steps towards one of the places that it looks around at
  const auto there = route_[next_];
  if (looks_for_ > 0) {
    if (--looks_for_ == 0) ++next_, aside_ = {0, 0};
    else if (looks_for_ % glance == 0) aside_ = {random.uniform(-around, around), random.uniform(-around, around)};
  } else if (next_ + 1 < route_.size() && std::hypot(there.i - double(seen[0]), there.j - double(seen[1])) < near) {
    if (next_ == 0 || looks_around_at(there)) looks_for_ = 60 + int(random.below(61));
    else ++next_;
  }
  const std::array<double, 2> to{route_[next_].i + aside_[0], route_[next_].j + aside_[1]};
  for (std::size_t k = 0; k < 2; ++k) {
    const double u = std::clamp(10 * (to[k] - double(seen[k])) - double(seen[2 + k]), -1.0, 1.0);
    action[k] = static_cast<float>(std::clamp(u + noise * random.normal(), -1.0, 1.0));
  }
}

TESSERA_INLINE bool RouteFollower::goes_on(const float* seen, Random& random) {
  const auto goal = route_.back();
  if (stays_for_ > 0) return --stays_for_ > 0;
  if (std::hypot(seen[0] - double(goal.i), seen[1] - double(goal.j)) <= Maze::goal_radius)
    stays_for_ = 30 + int(random.below(41));
  return true;
}
}  // namespace tessera
