#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>

#include <tessera/env/point_maze.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE Maze::Maze(std::span<const std::string_view> map) : map_(map) {
  for (int i = 0; i < rows(); ++i)
    for (int j = 0; j < columns(); ++j) {
      if (wall(i, j)) continue;
      free_.push_back({i, j});
      if (map_[std::size_t(i)][std::size_t(j)] == 'G') goal_ = {i, j};
    }
}

TESSERA_INLINE bool Maze::wall(int i, int j) const {
  return i < 0 || j < 0 || i >= rows() || j >= columns() || map_[std::size_t(i)][std::size_t(j)] == '#';
}

TESSERA_INLINE FloorPlan Maze::floor_plan() const {
  FloorPlan plan{.goal = {double(goal_.i), double(goal_.j)}, .goal_radius = goal_radius, .body_radius = radius};
  for (int i = 0; i < rows(); ++i)
    for (int j = 0, to = 0; j < columns(); j = to + 1) {  // a run of walls is one box
      for (to = j; to < columns() && wall(i, to);) ++to;
      if (to > j) plan.walls.push_back({i - 1 + border, j - 1 + border, i + border, to - 1 + border});
    }
  return plan;
}

TESSERA_INLINE MazeCell Maze::cell_of(double x, double y) {
  const auto of = [](double z) { return static_cast<int>(std::floor(z + 1 - border)); };
  return {of(x), of(y)};
}

TESSERA_INLINE double Maze::overlap(double x, double y) const {
  const auto [i, j] = cell_of(x, y);
  double most = 0;
  for (int di = -1; di <= 1; ++di)
    for (int dj = -1; dj <= 1; ++dj) {
      if (!wall(i + di, j + dj)) continue;
      const double dx = x - std::clamp(x, i + di - 1 + border, i + di + border),
                   dy = y - std::clamp(y, j + dj - 1 + border, j + dj + border);
      most = std::max(most, radius - std::hypot(dx, dy));
    }
  return most;
}

// The centers of balls that touch no wall: of each free cell a square, that ends `radius` before a neighbor that is
// wall, less a quarter disk around each corner of a wall that only touches the cell there.  Within a cell that is at
// most four faces and four arcs, and the border to the next.
TESSERA_INLINE void Maze::slide(std::array<double, 2>& place, std::array<double, 2>& velocity, double time) const {
  auto [i, j] = cell_of(place[0], place[1]);
  std::array<int*, 2> cell{&i, &j};
  constexpr int most_meetings = 16;  // two faces are a wedge, and stop it; more than a few are not to be had
  for (int meetings = 0; time > 0;) {
    enum { nothing, face, next_cell, corner } what = nothing;
    double first = time, edge = 0;
    std::size_t axis = 0;
    std::array<double, 2> around{};
    for (const std::size_t k : {0u, 1u}) {
      if (velocity[k] == 0) continue;
      const int side = velocity[k] > 0 ? 1 : -1;
      const bool closed = k == 0 ? wall(i + side, j) : wall(i, j + side);
      const double at = *cell[k] + border - (side < 0) - side * (closed ? radius : 0);
      const double when = std::max((at - place[k]) / velocity[k], 0.0);
      if (when < first) first = when, what = closed ? face : next_cell, axis = k, edge = at;
    }
    for (const int di : {-1, 1})
      for (const int dj : {-1, 1}) {
        if (!wall(i + di, j + dj) || wall(i + di, j) || wall(i, j + dj)) continue;
        const std::array<double, 2> center{i + border - (di < 0), j + border - (dj < 0)};
        const double x = place[0] - center[0], y = place[1] - center[1];
        const double speed = velocity[0] * velocity[0] + velocity[1] * velocity[1];
        // |(x, y) + t v| = radius.  A tangent misses, up to rounding: it is how the ball leaves the corner.
        const double b = x * velocity[0] + y * velocity[1], c = x * x + y * y - radius * radius;
        if (b >= -1e-9 * radius * std::sqrt(speed) || b * b < speed * c) continue;
        const double when = std::max(c / (std::sqrt(b * b - speed * c) - b), 0.0);
        if (when < first) first = when, what = corner, around = center;
      }
    place[0] += first * velocity[0], place[1] += first * velocity[1];
    time -= first;
    if (what == nothing) return;
    if (what == next_cell) {
      place[axis] = edge;
      *cell[axis] += velocity[axis] > 0 ? 1 : -1;
      continue;
    }
    if (what == face) {
      place[axis] = edge;
      velocity[axis] = 0;
    } else {
      const double x = place[0] - around[0], y = place[1] - around[1], length = std::hypot(x, y);
      place = {around[0] + x / length * radius, around[1] + y / length * radius};
      const double against = (velocity[0] * x + velocity[1] * y) / length;
      velocity[0] -= against * x / length, velocity[1] -= against * y / length;
    }
    if (++meetings == most_meetings) velocity = {0, 0};
    if (velocity[0] == 0 && velocity[1] == 0) return;
  }
}

TESSERA_INLINE PointMazeCopies::PointMazeCopies(const char* name, const Maze& maze, std::int64_t count, int horizon,
                                                std::uint64_t seed)
    : maze_(&maze), horizon_(horizon) {
  if (count < 1 || horizon < 1)
    throw Error(std::string(name) + ": " + std::to_string(count) + " copies with horizon " + std::to_string(horizon) +
                "; both must be at least 1");
  states_.resize(static_cast<std::size_t>(count));
  observations_.resize(states_.size() * observation_size);
  reset(seed);
}

TESSERA_INLINE void PointMazeCopies::reset(std::uint64_t seed) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    Random random(seed, i);
    const auto& free = maze_->free_cells();
    const auto cell = free[static_cast<std::size_t>(random.below(free.size()))];
    const double x = cell.i + random.uniform(-0.1, 0.1), y = cell.j + random.uniform(-0.1, 0.1);
    const double in_x = 0.1 * random.normal();
    set(i, {x, y, in_x, 0.1 * random.normal()});
  }
}

TESSERA_INLINE void PointMazeCopies::place(std::size_t i, const std::array<double, 4>& state) {
  const auto at = [&] { return "(" + std::to_string(state[0]) + ", " + std::to_string(state[1]) + ")"; };
  for (const double x : state)
    if (!(std::abs(x) < 1e6)) throw Error("point maze: " + std::to_string(x) + " is no place and no speed of a ball");
  // An observation is a place to the precision of a float.
  if (maze_->overlap(state[0], state[1]) > 1e-5)
    throw Error("point maze: there is a wall at " + at() + "; place the ball in a free cell");
  set(i, state);
}

TESSERA_INLINE void PointMazeCopies::set(std::size_t i, const std::array<double, 4>& state) {
  states_[i] = state;
  for (std::size_t k = 0; k < 4; ++k) observations_[i * observation_size + k] = static_cast<float>(state[k]);
}

TESSERA_INLINE void PointMazeCopies::step(const float* actions, float* rewards, std::uint8_t* terminated) {
  constexpr double h = 0.01, gear = 100, damping = 1, fastest = 5;
  constexpr double mass = 4.0 / 3 * std::numbers::pi * Maze::radius * Maze::radius * Maze::radius * 1000;
  const auto goal = maze_->goal();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    std::array<double, 2> at{states_[i][0], states_[i][1]}, speed{};
    for (std::size_t k = 0; k < 2; ++k) {
      const double force = actions[2 * i + k];
      const double u = std::isnan(force) ? 0 : std::clamp(force, -1.0, 1.0);
      const double v = std::clamp(states_[i][2 + k], -fastest, fastest);
      speed[k] = v + h * (gear * u - damping * v) / (mass + h * damping);
    }
    maze_->slide(at, speed, h);
    set(i, {at[0], at[1], speed[0], speed[1]});
    rewards[i] = std::hypot(at[0] - goal.i, at[1] - goal.j) <= Maze::goal_radius ? 1.0f : 0.0f;
    terminated[i] = 0;
  }
}
}  // namespace tessera
