// Files that other software wrote, beside what that software reads in them.
#include <catch2/catch.hpp>
#include <string>

#include <tessera/sources/load.hpp>

#include "../helpers/expected.hpp"
#include "../helpers/files.hpp"

namespace {
// Loads a shared file as `request` says ("d4rl/x.hdf5?horizon=100"), and compares it.
tessera::Dataset agrees(const std::string& name, const std::string& request,
                        const support::ExpectedOptions& options = {}) {
  const auto expected = support::shared_file("formats/" + name + ".expected.json");
  if (expected.empty()) return {};
  const auto mark = std::min(request.find('?'), request.size());
  auto data = tessera::load_dataset(support::shared_file("formats/" + request.substr(0, mark)) + request.substr(mark));
  support::check_expected(data, expected, options);
  return data;
}
bool warns(const tessera::Dataset& data, const std::string& name) {
  for (const auto& warning : data.warnings)
    if (warning.name == name) return true;
  return false;
}
}  // namespace

TEST_CASE("files of D4RL's layout are read as their writers meant them") {
  for (const std::string name : {"hopper-v2-full", "hopper-v1-no-next", "hopper-f64-n1-uint8",
                                 "hopper-float-flags-contiguous", "maze-style-goals"})
    agrees("d4rl/" + name, "d4rl/" + name + ".hdf5");
  // The time limit stands in for the missing timeouts.
  agrees("d4rl/hopper-v0-no-timeouts", "d4rl/hopper-v0-no-timeouts.hdf5?horizon=100");
}

TEST_CASE("files of OGBench are read as its own loader reads them") {
  for (const std::string name : {"pointmaze-medium-navigate-v0", "pointmaze-medium-stitch-v0", "scene-play-v0"}) {
    const auto data = agrees("ogbench/" + name, "ogbench/" + name + ".npz");
    if (data.size() == 0) return;
    CHECK(warns(data, "no-rewards"));
    CHECK(warns(data, "validation-file"));
    CHECK_FALSE(warns(agrees("ogbench/" + name + "-val", "ogbench/" + name + "-val.npz"), "validation-file"));
  }
  for (const std::string which : {"", "-val"}) {
    const auto pictures =
        agrees("ogbench/powderworld-easy-play-v0" + which, "ogbench/powderworld-easy-play-v0" + which + ".npz");
    CHECK(pictures.observation_size == 32 * 32 * 6);
    CHECK(warns(pictures, "flattened-observations"));
  }
}

TEST_CASE("the rewards of OGBench's single tasks") {
  for (const std::string which : {"", "-val"}) {
    const auto maze = "ogbench/pointmaze-medium-navigate-v0" + which + ".npz";
    const auto first = agrees("ogbench/pointmaze-medium-navigate-singletask-v0" + which, maze + "?task=1");
    if (first.size() == 0) return;
    CHECK(first.task.environment == "pointmaze-medium-singletask-task1-v0");
    CHECK(first.task.max_steps == 1000);
    CHECK_FALSE(warns(first, "no-rewards"));
    agrees("ogbench/pointmaze-medium-navigate-singletask-task2-v0" + which, maze + "?task=2");
    agrees("ogbench/scene-play-singletask-task1-v0" + which, "ogbench/scene-play-v0" + which + ".npz?task=1");
  }
}

TEST_CASE("files of d3rlpy are read as d3rlpy reads them") {
  for (const std::string name :
       {"continuous", "discrete", "tuple-observation", "pixel", "v1-continuous-timeouts", "v1-discrete", "v1-pixel"}) {
    const auto data = agrees("d3rlpy/" + name, "d3rlpy/" + name + ".h5");
    if (data.size() == 0) return;
    if (name == "pixel") CHECK(data.observation_size == 120);
    if (name == "tuple-observation")
      CHECK(data.spaces.observation_names ==
            std::vector<std::string>{"0[0]", "0[1]", "0[2]", "0[3]", "0[4]", "1[0]", "1[1]", "1[2]", "2"});
  }
}

TEST_CASE("demonstrations of robomimic, imitation and Stable-Baselines 2") {
  const auto lift = agrees("robomimic/lowdim", "robomimic/lowdim.hdf5");
  if (lift.size() == 0) return;
  CHECK(lift.task.environment == "Lift");
  CHECK(lift.observation_size == 17);
  CHECK(lift.spaces.observation_names[0] == "object[0]");
  CHECK(lift.spaces.observation_names[10] == "robot0_eef_pos[0]");
  agrees("imitation/pendulum-old", "imitation/pendulum-old.npz");
  agrees("imitation/cartpole-old", "imitation/cartpole-old.npz");
  CHECK(warns(agrees("robomimic/sb2-expert", "robomimic/sb2-expert.npz"), "ends-not-said"));
}
