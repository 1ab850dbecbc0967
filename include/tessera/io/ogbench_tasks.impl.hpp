#pragma once
#include <algorithm>
#include <array>
#include <string_view>

#include <tessera/io/ogbench_tasks.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
namespace detail {
// Cells of the goals (row, column), by task; a cell is 4 wide, and cell (1, 1) is at the origin.
struct OgbenchMaze {
  std::string_view name;
  std::array<std::array<int, 2>, 5> goals;
};
inline constexpr std::array<OgbenchMaze, 4> ogbench_mazes = {
    {{"medium", {{{6, 6}, {1, 6}, {4, 2}, {6, 1}, {1, 1}}}},
     {"large", {{{7, 10}, {7, 1}, {1, 10}, {5, 4}, {5, 4}}}},
     {"giant", {{{10, 14}, {10, 1}, {1, 1}, {5, 12}, {3, 8}}}},
     {"teleport", {{{7, 1}, {7, 10}, {7, 10}, {7, 10}, {7, 1}}}}}};
// Those of the ball that the ant kicks.
inline constexpr std::array<OgbenchMaze, 2> ogbench_fields = {
    {{"arena", {{{5, 2}, {2, 2}, {6, 6}, {6, 1}, {1, 6}}}}, {"medium", {{{6, 6}, {1, 1}, {6, 5}, {5, 3}, {1, 6}}}}}};

// Where each cube should be, by task.
struct OgbenchCubes {
  std::string_view name;
  std::int64_t max_steps;
  std::array<std::vector<std::array<double, 3>>, 5> goals;
};
TESSERA_INLINE const std::vector<OgbenchCubes>& ogbench_cubes() {
  static const std::vector<OgbenchCubes> all = {
      {"single",
       200,
       {{{{0.425, -0.1, 0.02}}, {{0.5, 0, 0.02}}, {{0.35, 0, 0.02}}, {{0.5, 0.2, 0.02}}, {{0.5, -0.2, 0.02}}}}},
      {"double",
       500,
       {{{{0.425, 0, 0.02}, {0.425, 0.1, 0.02}},
         {{0.35, 0.1, 0.02}, {0.5, 0.1, 0.02}},
         {{0.425, -0.2, 0.02}, {0.425, 0.2, 0.02}},
         {{0.425, 0.1, 0.02}, {0.425, -0.1, 0.02}},
         {{0.425, 0, 0.02}, {0.425, 0, 0.06}}}}},
      {"triple",
       1000,
       {{{{0.35, -0.1, 0.02}, {0.35, 0.1, 0.02}, {0.5, 0.1, 0.02}},
         {{0.5, 0, 0.02}, {0.5, 0.2, 0.02}, {0.5, -0.2, 0.02}},
         {{0.35, -0.1, 0.02}, {0.5, -0.2, 0.02}, {0.5, 0, 0.02}},
         {{0.5, -0.1, 0.02}, {0.5, 0.1, 0.02}, {0.35, 0, 0.02}},
         {{0.425, 0.2, 0.02}, {0.425, 0.2, 0.06}, {0.425, 0.2, 0.1}}}}},
      {"quadruple",
       1000,
       {{{{0.35, -0.25, 0.02}, {0.35, 0.1, 0.02}, {0.5, -0.1, 0.02}, {0.5, 0.25, 0.02}},
         {{0.375, 0.1, 0.02}, {0.475, 0.1, 0.02}, {0.375, -0.1, 0.02}, {0.475, -0.1, 0.02}},
         {{0.525, -0.2, 0.02}, {0.325, 0.2, 0.02}, {0.325, -0.2, 0.02}, {0.525, 0.2, 0.02}},
         {{0.525, 0.1, 0.02}, {0.325, 0.1, 0.02}, {0.325, -0.1, 0.02}, {0.525, -0.1, 0.02}},
         {{0.425, 0.2, 0.02}, {0.425, 0.2, 0.06}, {0.425, 0.2, 0.1}, {0.425, 0.2, 0.14}}}}},
      {"octuple",
       1500,
       {{{{0.525, 0.05, 0.02},
          {0.425, -0.15, 0.02},
          {0.425, -0.05, 0.02},
          {0.325, 0.15, 0.02},
          {0.525, -0.15, 0.02},
          {0.425, 0.05, 0.02},
          {0.425, 0.15, 0.02},
          {0.325, -0.05, 0.02}},
         {{0.525, 0.2, 0.02},
          {0.525, 0, 0.02},
          {0.525, -0.2, 0.02},
          {0.425, -0.2, 0.02},
          {0.325, -0.2, 0.02},
          {0.325, 0, 0.02},
          {0.325, 0.2, 0.02},
          {0.425, 0.2, 0.02}},
         {{0.32, 0.15, 0.02},
          {0.46, 0.15, 0.02},
          {0.39, 0.05, 0.02},
          {0.53, 0.05, 0.02},
          {0.32, -0.05, 0.02},
          {0.46, -0.05, 0.02},
          {0.39, -0.15, 0.02},
          {0.53, -0.15, 0.02}},
         {{0.525, 0.05, 0.02},
          {0.525, -0.05, 0.02},
          {0.425, -0.15, 0.06},
          {0.425, -0.15, 0.02},
          {0.425, 0.15, 0.06},
          {0.425, 0.15, 0.02},
          {0.325, -0.05, 0.02},
          {0.325, 0.05, 0.02}},
         {{0.325, 0, 0.02},
          {0.325, 0, 0.06},
          {0.425, 0.2, 0.02},
          {0.425, 0.2, 0.06},
          {0.525, 0, 0.02},
          {0.525, 0, 0.06},
          {0.425, -0.2, 0.02},
          {0.425, -0.2, 0.06}}}}},
  };
  return all;
}

// Which buttons should be lit, row by row, by task.
struct OgbenchPuzzle {
  std::string_view name;
  std::int64_t max_steps;
  std::array<std::string_view, 5> goals;
};
inline constexpr std::array<OgbenchPuzzle, 4> ogbench_puzzles = {{
    {"3x3", 500, {"110101011", "011111111", "101010101", "111111111", "101101101"}},
    {"4x4", 500, {"1111111111111111", "1111100110011111", "0101101001011010", "0000000000000000", "0000000000000000"}},
    {"4x5",
     1000,
     {"00000000000000000000", "11111111111111111111", "11111100011000111111", "00000001000010000000",
      "10001011100111010001"}},
    {"4x6",
     1000,
     {"000000000000000000000000", "000000000000000000000000", "111110110101101011011111", "100001000000000000100001",
      "100001011110011110100001"}},
}};

// The scene: where its cube, its buttons, drawer and window should be.
struct OgbenchScene {
  std::array<double, 3> cube;
  std::string_view buttons;
  double drawer, window;
};
inline constexpr std::array<OgbenchScene, 5> ogbench_scenes = {{{{0.35, 0.05, 0.02}, "11", -0.16, 0.2},
                                                                {{0.35, -0.05, 0.02}, "00", 0, 0},
                                                                {{0.4, 0.15, 0.02}, "11", -0.16, 0},
                                                                {{0.33, -0.356, 0.065986}, "10", 0, 0},
                                                                {{0.33, -0.356, 0.065986}, "00", 0, 0.2}}};

// The robot's arm has 14 numbers, and a cube 7, of which the first three are its place.
inline constexpr std::size_t ogbench_arm = 14, ogbench_cube = 7;
inline constexpr double ogbench_reach = 0.04;

TESSERA_INLINE OgbenchTask ogbench_at(const std::array<int, 2>& cell, std::size_t column, double tolerance,
                                      std::int64_t max_steps) {
  return {.places = {{.column = column, .goal = {4.0 * cell[1] - 4, 4.0 * cell[0] - 4}, .tolerance = tolerance}},
          .max_steps = max_steps};
}
}  // namespace detail

TESSERA_INLINE std::size_t OgbenchTask::width() const {
  std::size_t out = 0;
  for (const auto& place : places) out = std::max(out, place.column + place.goal.size());
  return out;
}

TESSERA_INLINE std::optional<OgbenchTask> ogbench_task(std::string environment, std::int64_t task) {
  using namespace detail;
  if (task < 1 || task > 5) return std::nullopt;
  const auto t = std::size_t(task - 1);
  constexpr std::string_view pixels = "visual-";
  if (environment.starts_with(pixels)) environment.erase(0, pixels.size());
  const auto dash = environment.find('-');
  const auto kind = environment.substr(0, dash), name = dash == std::string::npos ? "" : environment.substr(dash + 1);

  if (kind == "pointmaze" || kind == "antmaze" || kind == "humanoidmaze")
    for (const auto& maze : ogbench_mazes)
      if (maze.name == name)
        return ogbench_at(maze.goals[t], 0, kind == "pointmaze" ? 1.0 : 0.5,
                          kind != "humanoidmaze" ? 1000
                          : name == "giant"      ? 4000
                                                 : 2000);
  if (kind == "antsoccer")
    for (const auto& field : ogbench_fields)
      if (field.name == name) return ogbench_at(field.goals[t], 15, 0.5, 1000);
  if (kind == "cube")
    for (const auto& cubes : ogbench_cubes())
      if (cubes.name == name) {
        OgbenchTask out{.max_steps = cubes.max_steps};
        for (const auto& goal : cubes.goals[t])
          out.places.push_back({.column = ogbench_arm + ogbench_cube * out.places.size(),
                                .goal = {goal.begin(), goal.end()},
                                .tolerance = ogbench_reach});
        return out;
      }
  if (kind == "puzzle")
    for (const auto& puzzle : ogbench_puzzles)
      if (puzzle.name == name)
        return OgbenchTask{.buttons = std::string(puzzle.goals[t]), .max_steps = puzzle.max_steps};
  if (environment == "scene") {
    const auto& scene = ogbench_scenes[t];
    // A cube, two buttons, a drawer and a window.
    const auto drawer = ogbench_arm + ogbench_cube + 2;
    return OgbenchTask{
        .places = {{.column = ogbench_arm, .goal = {scene.cube.begin(), scene.cube.end()}, .tolerance = ogbench_reach},
                   {.column = drawer, .goal = {scene.drawer}, .tolerance = ogbench_reach},
                   {.column = drawer + 1, .goal = {scene.window}, .tolerance = ogbench_reach}},
        .buttons = std::string(scene.buttons),
        .max_steps = 750};
  }
  return std::nullopt;
}
}  // namespace tessera
