#include <tessera/io/ogbench_tasks.hpp>

#include <catch2/catch.hpp>

using tessera::ogbench_task;

TEST_CASE("the goals of OGBench's single tasks", "[data][ogbench]") {
  // Cell (1, 6) of a maze whose cell (1, 1) is at the origin and whose cells are 4 wide.
  const auto maze = ogbench_task("antmaze-medium", 2);
  REQUIRE((maze && maze->places.size() == 1));
  CHECK(maze->places[0].goal == std::vector<double>{20, 0});
  CHECK((maze->places[0].tolerance == 0.5 && maze->max_steps == 1000 && maze->width() == 2));
  CHECK(ogbench_task("humanoidmaze-giant", 1)->max_steps == 4000);
  // The ball stands behind the ant's 15 numbers; cell (5, 2).
  const auto ball = ogbench_task("antsoccer-arena", 1);
  REQUIRE(ball);
  CHECK((ball->places[0].goal == std::vector<double>{4, 16} && ball->width() == 17));

  // Two cubes, one on the other, behind the arm's 14 numbers.
  const auto stack = ogbench_task("cube-double", 5);
  REQUIRE((stack && stack->places.size() == 2));
  CHECK(stack->places[0].goal == std::vector<double>{0.425, 0, 0.02});
  CHECK(stack->places[1].goal == std::vector<double>{0.425, 0, 0.06});
  CHECK((stack->places[1].column == 21 && stack->width() == 24 && stack->max_steps == 500 && stack->buttons.empty()));
  for (const auto& [name, cubes] : std::initializer_list<std::pair<const char*, std::size_t>>{
           {"cube-single", 1}, {"cube-triple", 3}, {"visual-cube-quadruple", 4}, {"cube-octuple", 8}})
    for (int t = 1; t <= 5; ++t) CHECK(ogbench_task(name, t)->places.size() == cubes);

  const auto cross = ogbench_task("puzzle-4x4", 3);
  REQUIRE(cross);
  CHECK((cross->buttons == "0101101001011010" && cross->places.empty() && cross->width() == 0));
  for (const auto& [name, buttons] : std::initializer_list<std::pair<const char*, std::size_t>>{
           {"puzzle-3x3", 9}, {"puzzle-4x4", 16}, {"puzzle-4x5", 20}, {"puzzle-4x6", 24}})
    for (int t = 1; t <= 5; ++t) CHECK(ogbench_task(name, t)->buttons.size() == buttons);

  const auto scene = ogbench_task("visual-scene", 4);
  REQUIRE((scene && scene->places.size() == 3));
  CHECK((scene->buttons == "10" && scene->places[1].column == 23 && scene->width() == 25));

  for (const auto* other : {"powderworld-easy", "cube", "cube-", "cube-ninefold", "puzzle-5x5", "mazes", "visual-", ""})
    CHECK_FALSE(ogbench_task(other, 1));
  CHECK_FALSE(ogbench_task("scene", 0));
  CHECK_FALSE(ogbench_task("scene", 6));
}
