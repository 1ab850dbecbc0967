#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include <tessera/io/hdf5.hpp>
#include <tessera/io/npz.hpp>
#include <tessera/io/write_csv.hpp>
#include <tessera/io/write_d3rlpy.hpp>
#include <tessera/io/write_d4rl.hpp>
#include <tessera/io/write_minari.hpp>
#include <tessera/io/write_ogbench.hpp>
#include <tessera/io/zip_write.hpp>

using Catch::Contains;
using tessera::action_kind;
using tessera::Dataset;
using tessera::EpisodeLog;
using tessera::Losses;

namespace {
using Floats = std::vector<float>;
using Doubles = std::vector<double>;

// Two steps that terminate in (0.5, 6), one cut in (1, 8), and one that terminates who knows where.
Dataset small_log(action_kind kind = action_kind::continuous) {
  EpisodeLog log("small", "made", kind, 2, kind == action_kind::continuous ? 1 : 3);
  const Floats x0{0.1f, 2, 0.3f, 4, 0.5f, 6}, a0{-0.25f, 0.75f}, r0{1, -1.5f};
  const Floats x1{0.7f, 1, 1, 8}, a1{0.5f}, r1{1e-7f};
  const Floats x2{9, 1}, a2{1}, r2{3};
  const std::vector<std::int64_t> i0{0, 2}, i1{1}, i2{2};
  log.add({.observations = x0, .actions = a0, .action_indices = i0, .rewards = r0, .terminated = true});
  log.add({.observations = x1, .actions = a1, .action_indices = i1, .rewards = r1, .truncated = true});
  log.add({.observations = x2, .actions = a2, .action_indices = i2, .rewards = r2, .terminated = true});
  return log.finish();
}
std::vector<std::string> names_of(const Losses& lost) {
  std::vector<std::string> out;
  for (const auto& each : lost) {
    out.push_back(each.name);
    CHECK(each.message.find('\n') == std::string::npos);
  }
  return out;
}
using Names = std::vector<std::string>;
}  // namespace

TEST_CASE("CSV: a row for each transition, with the shortest numbers", "[data][csv]") {
  const support::Folder folder;
  auto data = small_log();
  CHECK(names_of(write_csv(folder / "a.csv", data)).empty());
  CHECK(support::bytes_of(folder / "a.csv") ==
        "episode,observation_0,observation_1,action,reward,terminated,truncated,next_observation_0,next_observation_1\n"
        "0,0.1,2,-0.25,1,False,False,0.3,4\n"
        "0,0.3,4,0.75,-1.5,True,False,0.5,6\n"
        "1,0.7,1,0.5,1e-07,False,True,1,8\n"
        "2,9,1,1.0,3,True,False,,\n");
  // An open end has no mark.
  data.episodes[1].complete = false;
  data.spaces.observation_names = {"position[0]", "agent, \"the\""};
  data.spaces.action_names = {"torque"};
  data.spaces.observation_low = {0, -1};
  CHECK(names_of(write_csv(folder / "b.csv", data)) == Names{"observation-bounds", "open-end"});
  CHECK_THAT(support::bytes_of(folder / "b.csv"),
             Catch::StartsWith("episode,position[0],\"agent, \"\"the\"\"\",action_torque,reward,terminated,truncated,"
                               "next_position[0],\"next_agent, \"\"the\"\"\"\n") &&
                 Contains("\n1,0.7,1,0.5,1e-07,False,False,1,8\n"));
}

TEST_CASE("CSV: discrete actions by name, by number, and as several choices", "[data][csv]") {
  const support::Folder folder;
  auto data = small_log(action_kind::discrete);
  const auto column = [&] {
    auto lost = names_of(write_csv(folder / "a.csv", data));
    lost.push_back(support::bytes_of(folder / "a.csv"));
    return lost;
  };
  CHECK_THAT(column().back(), Contains("\n0,0.3,4,2,-1.5,True,False,0.5,6\n"));
  data.spaces.first_action = 1;
  CHECK_THAT(column().back(), Contains("\n0,0.3,4,3,-1.5,True,False,0.5,6\n"));
  data.spaces.action_names = {"left", "stay", "to the right, slowly"};
  CHECK_THAT(column().back(), Contains("\n0,0.1,2,left,1,") && Contains("\n0,0.3,4,\"to the right, slowly\",-1.5,"));

  data = small_log(action_kind::discrete);
  data.action_size = 6, data.spaces.action_factors = {2, 3};
  data.action_indices[0] = 5;
  CHECK_THAT(column().back(), Contains("observation_1,action_0,action_1,reward") && Contains("\n0,0.1,2,1,2,1,False"));
  data.action_indices[0] = 4;
  CHECK(column().front() == "action-count");  // 5 is not seen: six are not held
}

TEST_CASE("CSV: names that would mean something else are not used", "[data][csv]") {
  auto data = small_log();
  for (const auto& names : {Names{"x", "x"}, Names{"x", "reward"}, Names{"next_x", "y"}, Names{"x", ""},
                            Names{"action_0", "y"}, Names{"episode", "y"}}) {
    data.spaces.observation_names = names;
    const auto columns = tessera::csv_columns(data);
    CHECK_FALSE(columns.own_names);
    CHECK(columns.observations == Names{"observation_0", "observation_1"});
  }
  const support::Folder folder;
  CHECK(names_of(write_csv(folder / "a.csv", data)) == Names{"names"});
}

TEST_CASE("CSV: names that are taken for something else are said to need --columns", "[data][csv]") {
  const support::Folder folder;
  auto data = small_log();
  data.spaces.observation_names = {"time", "speed"};
  const auto lost = write_csv(folder / "a.csv", data);
  CHECK(names_of(lost) == Names{"columns"});
  REQUIRE(lost.size() == 1);
  CHECK_THAT(lost[0].message, Contains("--columns 'episode=episode,observation=time:speed,action=action,"));
  data.spaces.observation_names = {"angle", "speed"};
  CHECK(names_of(write_csv(folder / "a.csv", data)).empty());
}

TEST_CASE("D4RL: next observations, and ends at the end of the file", "[data][d4rl]") {
  const support::Folder folder;
  auto data = small_log();
  CHECK(names_of(write_d4rl(folder / "a.hdf5", data)) == Names{"unknown-next"});
  {
    const auto file = tessera::hdf5::File::open(folder / "a.hdf5");
    CHECK(file.keys() == Names{"actions", "next_observations", "observations", "rewards", "terminals", "timeouts"});
    CHECK(file.read<float>("observations") == Floats{0.1f, 2, 0.3f, 4, 0.7f, 1, 9, 1});
    CHECK(file.read<float>("next_observations") == Floats{0.3f, 4, 0.5f, 6, 1, 8, 9, 1});
    CHECK(file.read<float>("terminals") == Floats{0, 1, 0, 1});
    CHECK(file.read<float>("timeouts") == Floats{0, 0, 1, 0});
  }
  // An episode that breaks off inside the file has to have an end there.
  data.episodes[1].complete = false;
  CHECK(names_of(write_d4rl(folder / "a.hdf5", data)) == Names{"unknown-next", "open-end"});

  EpisodeLog unknown("unknown", "made", action_kind::continuous, 1, 1);
  const Floats x{1, 2}, a{0, 1}, r{1, 1};
  for (int i = 0; i < 2; ++i) unknown.add({.observations = x, .actions = a, .rewards = r, .terminated = true});
  CHECK(names_of(write_d4rl(folder / "b.hdf5", unknown.finish())).empty());
  CHECK_FALSE(tessera::hdf5::File::open(folder / "b.hdf5").exists("next_observations"));
}

TEST_CASE("d3rlpy: a cut episode has where it led as a step more", "[data][d3rlpy]") {
  const support::Folder folder;
  const auto data = small_log(action_kind::discrete);
  CHECK(names_of(write_d3rlpy(folder / "a.h5", data)) == Names{"last-observation", "added-steps"});
  const auto file = tessera::hdf5::File::open(folder / "a.h5");
  CHECK(file.read_scalar<std::int64_t>("num_episodes") == 3);
  CHECK(file.read_string("version") == "2.1");
  CHECK(file.info("columns").shape == std::vector<std::int64_t>{4});
  CHECK(file.read<float>("observations_0") == Floats{0.1f, 2, 0.3f, 4});
  CHECK(file.info("actions_0").shape == std::vector<std::int64_t>{2, 1});
  CHECK(file.read<std::int64_t>("actions_0") == std::vector<std::int64_t>{0, 2});
  CHECK(file.read<float>("rewards_0") == Floats{1, -1.5f});
  CHECK(file.info("rewards_0").shape == std::vector<std::int64_t>{2, 1});
  CHECK(file.read_scalar<std::uint8_t>("terminated_0") == 1);
  CHECK(file.read<float>("observations_1") == Floats{0.7f, 1, 1, 8});
  CHECK(file.read<std::int64_t>("actions_1") == std::vector<std::int64_t>{1, 0});
  CHECK(file.read<float>("rewards_1") == Floats{1e-7f, 0});
  CHECK(file.read_scalar<std::uint8_t>("terminated_1") == 0);
  CHECK(file.read<float>("observations_2") == Floats{9, 1});
}

TEST_CASE("OGBench: a row behind the last step of an episode", "[data][ogbench]") {
  const support::Folder folder;
  auto data = small_log();
  CHECK(names_of(write_ogbench(folder / "a.npz", data)) == Names{"unknown-next"});
  const tessera::NpzFile file(folder / "a.npz");
  CHECK(file.read("observations", {7, 2}).values ==
        Doubles{double(0.1f), 2, double(0.3f), 4, 0.5, 6, double(0.7f), 1, 1, 8, 9, 1, 9, 1});
  CHECK(file.read("actions", {7, 1}).values == Doubles{-0.25, 0.75, 0, 0.5, 0, 1, 0});
  CHECK(file.read("terminals", {7}).values == Doubles{0, 0, 1, 0, 1, 0, 1});
  CHECK(file.read("rewards", {7}).values == Doubles{1, -1.5, 0, double(1e-7f), 0, 3, 0});
  CHECK(file.read("masks", {7}).values == Doubles{1, 0, 1, 1, 1, 0, 1});
  write_ogbench(folder / "b.npz", small_log(action_kind::discrete));
  CHECK(tessera::NpzFile(folder / "b.npz").read("actions", {7}).values == Doubles{0, 2, 0, 1, 0, 2, 0});
}

TEST_CASE("Minari: spaces with infinite bounds, names, and a group for each episode", "[data][minari]") {
  const support::Folder folder;
  auto data = small_log();
  data.spaces.observation_names = {"x", "v\"1"}, data.spaces.observation_low = {-4.8f, -INFINITY};
  data.task.environment = "Cart-v1", data.task.max_steps = 50, data.task.score_zero = -1.5;
  CHECK(names_of(write_minari(folder / "carts", data)) == Names{"unknown-next"});
  const auto text = support::bytes_of(folder / "carts/data/metadata.json");
  const auto metadata = nlohmann::json::parse(text);
  CHECK(metadata["observation_space"] ==
        R"({"type": "Box", "dtype": "float32", "shape": [2], "low": [-4.800000190734863, -Infinity], )"
        R"("high": [Infinity, Infinity], "names": ["x","v\"1"]})");
  // The smallest and largest action seen are no bounds.
  CHECK(metadata["action_space"] ==
        R"({"type": "Box", "dtype": "float32", "shape": [1], "low": [-Infinity], "high": [Infinity]})");
  CHECK((metadata["total_episodes"] == 3 && metadata["total_steps"] == 4 && metadata["data_format"] == "hdf5"));
  CHECK(metadata["dataset_id"] == "carts-v0");
  CHECK((metadata["ref_min_score"] == -1.5 && !metadata.contains("ref_max_score")));
  const auto spec = nlohmann::json::parse(metadata["env_spec"].get<std::string>());
  CHECK((spec["id"] == "Cart-v1" && spec["max_episode_steps"] == 50));

  const auto file = tessera::hdf5::File::open(folder / "carts/data/main_data.hdf5");
  CHECK(file.keys() == Names{"episode_0", "episode_1", "episode_2"});
  CHECK(file.read<float>("episode_0/observations") == Floats{0.1f, 2, 0.3f, 4, 0.5f, 6});
  CHECK(file.info("episode_0/observations").shape == std::vector<std::int64_t>{3, 2});
  CHECK(file.read<float>("episode_0/actions") == Floats{-0.25f, 0.75f});
  CHECK(file.read<float>("episode_1/rewards") == Floats{1e-7f});
  CHECK(file.read<std::uint8_t>("episode_0/terminations") == std::vector<std::uint8_t>{0, 1});
  CHECK(file.read<std::uint8_t>("episode_0/truncations") == std::vector<std::uint8_t>{0, 0});
  CHECK(file.read<std::uint8_t>("episode_1/truncations") == std::vector<std::uint8_t>{1});
  CHECK(file.read<float>("episode_2/observations") == Floats{9, 1, 9, 1});
}

TEST_CASE("Minari: discrete actions by the task's numbers", "[data][minari]") {
  const support::Folder folder;
  auto data = small_log(action_kind::discrete);
  const auto space = [&](const std::string& name) {
    return nlohmann::json::parse(support::bytes_of(folder / (name + "/data/metadata.json")))["action_space"]
        .get<std::string>();
  };
  data.spaces.first_action = 5, data.spaces.action_names = {"a", "b", "c"};
  write_minari(folder / "x-v3", data);
  CHECK(space("x-v3") == R"({"type": "Discrete", "dtype": "int64", "start": 5, "n": 3, "names": ["a","b","c"]})");
  CHECK_THAT(support::bytes_of(folder / "x-v3/data/metadata.json"), Contains("\"dataset_id\":\"x-v3\""));
  CHECK(tessera::hdf5::File::open(folder / "x-v3/data/main_data.hdf5").read<std::int64_t>("episode_0/actions") ==
        std::vector<std::int64_t>{5, 7});
  data = small_log(action_kind::discrete);
  data.action_size = 6, data.spaces.action_factors = {2, 3}, data.action_indices[0] = 5;
  write_minari(folder / "y", data);
  CHECK(space("y") == R"({"type": "MultiDiscrete", "dtype": "int64", "nvec": [2,3], "start": [0,0]})");
  const auto file = tessera::hdf5::File::open(folder / "y/data/main_data.hdf5");
  CHECK(file.info("episode_0/actions").shape == std::vector<std::int64_t>{2, 2});
  CHECK(file.read<std::int64_t>("episode_0/actions") == std::vector<std::int64_t>{1, 2, 0, 2});
}

TEST_CASE("what a format does not hold is said", "[data]") {
  const support::Folder folder;
  auto data = small_log(action_kind::discrete);
  data.action_size = 4;
  data.spaces.observation_names = {"x", "y\n"}, data.spaces.observation_high = {1, INFINITY};
  data.spaces.action_names = {"a", "b", "c", "d"}, data.spaces.first_action = 1;
  data.task.environment = "Some\x1b-v0";
  // Next to it, an episode none of whose rows gave a transition.
  data.episodes.push_back({data.size(), 0, 1, 2, 2, true});
  const Names all{"empty-episodes", "rows",         "names",        "observation-bounds",
                  "action-count",   "action-names", "first-action", "task"};
  for (const auto& [name, write] :
       {std::pair{"a.hdf5", static_cast<Losses (*)(const std::string&, const Dataset&)>(tessera::write_d4rl)},
        {"a.h5", tessera::write_d3rlpy},
        {"a.npz", tessera::write_ogbench}}) {
    auto lost = names_of(write(folder / name, data));
    INFO(name);
    REQUIRE(lost.size() > all.size());
    lost.resize(all.size());
    CHECK(lost == all);
  }
  CHECK(names_of(write_minari(folder / "m", data)) == Names{"empty-episodes", "rows", "unknown-next"});
  CHECK(names_of(write_csv(folder / "a.csv", data)) ==
        Names{"empty-episodes", "rows", "observation-bounds", "action-count", "task"});
  // Steps that led elsewhere than where the next one began: CSV and D4RL have a place for it.
  data = small_log();
  data.next_observation_row[0] = 0;
  CHECK(names_of(write_csv(folder / "a.csv", data)).empty());
  CHECK(names_of(write_minari(folder / "m", data)) == Names{"unknown-next", "own-next"});
}

// Run by python_opens.py: the same data set in every format.  Of row i in all, number j of the observation is
// (7 i + j) / 3, of the last observation of an episode, which the row after it would have; the action is -i / 10 or
// i mod 3, and the reward i / 7.
TEST_CASE("data sets for Python", "[.][python]") {
  const char* const folder = std::getenv("TESSERA_PYTHON");
  REQUIRE(folder != nullptr);
  for (const auto kind : {action_kind::continuous, action_kind::discrete}) {
    const bool discrete = kind == action_kind::discrete;
    EpisodeLog log("python", "made", kind, 2, discrete ? 3 : 1);
    float row = 0;
    for (const int steps : {3, 1, 5}) {
      Floats x, a, r;
      std::vector<std::int64_t> indices;
      for (int t = 0; t <= steps; ++t) x.insert(x.end(), {(7 * (row + float(t))) / 3, (7 * (row + float(t)) + 1) / 3});
      for (int t = 0; t < steps; ++t, ++row)
        a.push_back(-row / 10), r.push_back(row / 7), indices.push_back(std::int64_t(row) % 3);
      log.add({.observations = x,
               .actions = a,
               .action_indices = indices,
               .rewards = r,
               .terminated = steps == 3,
               .truncated = steps != 3});
    }
    auto data = log.finish();
    data.spaces.observation_names = {"position", "agent, velocity"};
    if (discrete) data.spaces.action_names = {"left", "stay", "right"};
    const auto to = std::string(folder) + (discrete ? "/discrete" : "/continuous");
    write_d4rl(to + ".hdf5", data), write_d3rlpy(to + ".h5", data), write_ogbench(to + ".npz", data);
    write_csv(to + ".csv", data), write_minari(to + "-v2", data);
  }
  // An archive with the fields of zip64, as beyond 4 GiB.
  tessera::write_atomically(std::string(folder) + "/zip64.npz", [](tessera::AtomicFile& file) {
    tessera::NpzWriter npz(file, 1);
    npz.array("a", "<f4", {2}), npz.write(Floats{1.5f, -2});
    npz.array("b", "|b1", {1}), npz.write(std::vector<std::uint8_t>{1});
    npz.finish();
  });
}
