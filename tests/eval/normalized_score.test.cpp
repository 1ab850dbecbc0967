#include <tessera/eval/normalized_score.hpp>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

using tessera::d4rl_reference;
using tessera::ScoreReference;

TEST_CASE("a normalized score, computed by hand", "[eval][score]") {
  constexpr ScoreReference between{.random = -20, .expert = 180};
  CHECK(tessera::normalized_score(-20, between) == 0);
  CHECK(tessera::normalized_score(180, between) == 100);
  CHECK(tessera::normalized_score(30, between) == 25);
  CHECK(tessera::normalized_score(-70, between) == -25);
  CHECK(tessera::normalized_score(230, between) == 125);
  // A task whose returns are costs.
  CHECK(tessera::normalized_score(-1, {.random = -5, .expert = -1}) == 100);
  // Hopper's: 100 (2000 + 20.272305)/(3234.3 + 20.272305) = 202027.2305/3254.572305, by long division.
  CHECK(tessera::normalized_score(2000, *d4rl_reference("hopper")) == Approx(62.0749).margin(5e-5));
}

TEST_CASE("D4RL's references, by all the ways in which a task is named", "[eval][score]") {
  const ScoreReference hopper{-20.272305, 3234.3}, pen{96.262799, 3076.8331017826877};
  for (const char* name :
       {"hopper", "hopper-medium-v2", "hopper-medium-replay-v0", "hopper_full_replay-v2", "hopper_medium_expert-v2",
        "Hopper-v5", "Hopper-v2", "gym:Hopper-v5", "gym:Hopper-v4?reset_noise_scale=0.1", "gym:gymnasium:Hopper-v5"}) {
    INFO(name);
    REQUIRE(d4rl_reference(name));
    CHECK(*d4rl_reference(name) == hopper);
  }
  for (const char* name : {"pen-v0", "pen-human-v1", "pen-cloned-v0", "AdroitHandPen-v1", "gym:AdroitHandPen-v1"}) {
    INFO(name);
    REQUIRE(d4rl_reference(name));
    CHECK(*d4rl_reference(name) == pen);
  }
  CHECK(d4rl_reference("maze2d-umaze-v1") == ScoreReference{23.85, 161.86});
  CHECK(d4rl_reference("maze2d-umaze-dense-v1") == ScoreReference{68.537689, 193.66285642381482});
  CHECK(d4rl_reference("maze2d-open-v0") == ScoreReference{0.01, 20.66});
  CHECK(d4rl_reference("antmaze-umaze-v2") == ScoreReference{0, 1});
  CHECK(d4rl_reference("antmaze-large-play-v0") == ScoreReference{0, 1});
  CHECK(d4rl_reference("kitchen-partial-v0") == ScoreReference{0, 4});
  CHECK(d4rl_reference("bullet-hopper-medium-v0") == ScoreReference{20.058972, 1441.8059623430963});
  CHECK(d4rl_reference("carla-town-v0") == ScoreReference{-114.81579500772153, 2440.1772022247314});
  CHECK(d4rl_reference("HalfCheetah-v5") == ScoreReference{-280.178953, 12135.0});
  CHECK(d4rl_reference("Walker2d-v5") == ScoreReference{1.629008, 4592.3});
  CHECK(d4rl_reference("Ant-v5") == ScoreReference{-325.6, 3879.7});
}

TEST_CASE("what is another task has no reference", "[eval][score]") {
  for (const char* name :
       {"", "pendulum", "Pendulum-v1", "cartpole", "hopper-", "hopper-mediums-v2", "hopperx-medium-v2",
        "hopper-human-v0", "grasshopper-medium-v2", "pen-medium-v0", "AdroitHandPenSparse-v1", "door-binary-v0",
        "HumanoidStandup-v5",
        // Withdrawn, or another reward today.
        "maze2d-umaze-v0", "maze2d-large-v0", "PointMaze_UMaze-v3", "AntMaze_UMaze-v5", "FrankaKitchen-v1",
        // No data set of D4RL's.
        "kitchen", "antmaze-medium-v2", "antmaze-umaze-play-v0", "carla-town-full-v0", "flow-ring", "hopper-v", "-v2",
        "hopper-medium-v2:x", "maze2d-eval-umaze-v1", "hopper-v5000000000000"}) {
    INFO(name);
    CHECK_FALSE(d4rl_reference(name));
  }
}

TEST_CASE("each of D4RL's tasks has a reference whose expert is better", "[eval][score]") {
  const auto tasks = tessera::d4rl_tasks();
  CHECK(tasks.size() == 33);
  for (const auto& task : tasks) {
    INFO(task);
    // By its own name, or by that of one of its data sets.
    auto found = d4rl_reference(task);
    for (const char* data : {"-complete", "-play", "-controller"})
      if (!found) found = d4rl_reference(task + data);
    REQUIRE(found);
    CHECK(found->expert > found->random);
  }
}
