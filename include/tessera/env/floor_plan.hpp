#pragma once
#include <array>
#include <vector>

namespace tessera {
/// What is seen of a task from above, where the first two numbers of an observation are a place: walls, and a disk that
/// is to be reached.  An environment that has one says it in `static FloorPlan floor_plan()`.
struct FloorPlan {
  std::vector<std::array<double, 4>> walls{};  ///< boxes: least x, least y, largest x, largest y
  std::array<double, 2> goal{};                ///< its center
  double goal_radius = 0;                      ///< the goal is reached at this distance, and nearer
  double body_radius = 0;                      ///< of what moves
  /// Whether a place is at the goal.
  bool reached(double x, double y) const {
    const double dx = x - goal[0], dy = y - goal[1];
    return dx * dx + dy * dy <= goal_radius * goal_radius;
  }
};
}  // namespace tessera
