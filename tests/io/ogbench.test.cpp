#include <tessera/io/ogbench.hpp>

#include <cmath>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/sources/load.hpp>

#include "helpers/npz.hpp"

using namespace support;
using Catch::Contains;
using floats = std::vector<float>;
using flags = std::vector<std::uint8_t>;
using Rows = std::vector<std::int64_t>;
using Members = std::vector<std::pair<std::string, std::string>>;

namespace {
std::string f4(const std::string& shape, const floats& values) { return npy<float>("<f4", shape, values); }
std::string b1(const flags& values) {
  return npy<std::uint8_t>("|b1", "(" + std::to_string(values.size()) + ",)", values);
}

// Two trajectories, of 2 steps and of 1: five rows.
Members two() {
  return {{"observations.npy", f4("(5, 1)", {0, 1, 2, 10, 11})},
          {"actions.npy", f4("(5, 1)", {0.5f, -0.5f, 9, 1, 9})},
          {"terminals.npy", b1({0, 0, 1, 0, 1})}};
}
Members with(Members members, const std::string& name, const std::string& bytes) {
  for (auto& member : members)
    if (member.first == name) return member.second = bytes, members;
  members.emplace_back(name, bytes);
  return members;
}
tessera::Dataset load(const Folder& folder, const Members& members, const std::string& request = "log.npz") {
  write_bytes(folder / "log.npz", zip(members));
  return tessera::load_dataset(folder / request);
}
std::string error(const Members& members, const std::string& options = "") {
  const Folder folder;
  return error_of([&] { load(folder, members, "log.npz" + options); });
}
}  // namespace

TEST_CASE("a trajectory of OGBench has one row more than it has steps", "[data][ogbench]") {
  const Folder folder;
  const auto data = load(folder, two());
  CHECK(data.format == "ogbench");
  CHECK(data.observations == floats{0, 1, 2, 10, 11});
  CHECK(data.observation_row == Rows{0, 1, 3});
  CHECK(data.next_observation_row == Rows{1, 2, 4});
  CHECK(data.actions == floats{0.5f, -0.5f, 1});  // not those of the last rows, which nobody took
  CHECK((data.action_low == floats{-0.5f} && data.action_high == floats{1}));
  CHECK(data.rewards == floats{0, 0, 0});
  CHECK(data.terminals == flags{0, 0, 0});
  CHECK(data.timeouts == flags{0, 1, 1});
  REQUIRE(data.warnings.size() == 1);
  CHECK(data.warnings[0].name == "no-rewards");
  CHECK((data.episodes[0].rows == 2 && data.episodes[0].complete));
  tessera::require_sound(data);

  // A trajectory without the mark breaks off; a single row gives no step.
  const auto open = load(folder, with(two(), "terminals.npy", b1({0, 0, 1, 0, 0})));
  CHECK((open.episodes.size() == 2 && !open.episodes[1].complete && open.timeouts == flags{0, 1, 1}));
  const auto single = load(folder, with(two(), "terminals.npy", b1({0, 0, 1, 1, 1})));
  CHECK(single.episodes.size() == 1);
  CHECK(single.warnings.back().name == "single-row");
  CHECK_THAT(single.warnings.back().message, Contains("2 rows, first row 3"));
}

TEST_CASE("masks of OGBench stop the bootstrap and cut no trajectory", "[data][ogbench]") {
  const Folder folder;
  auto members = with(two(), "rewards.npy", f4("(5,)", {0, -1, 7, -1, 7}));
  members = with(members, "masks.npy", f4("(5,)", {0, 1, 0, 1, 0}));
  const auto check = [](const tessera::Dataset& data) {
    CHECK(data.rewards == floats{0, -1, -1});
    CHECK(data.terminals == flags{1, 0, 0});
    CHECK(data.timeouts == flags{0, 1, 1});
    REQUIRE(data.episodes.size() == 2);
    CHECK((data.episodes[0].transitions == 2 && data.episodes[0].episode_return == -1));
    CHECK((*data.next_observation(0) == 1 && *data.next_observation(1) == 2 && *data.next_observation(2) == 11));
    CHECK(data.warnings.empty());
  };
  check(load(folder, members));
  // The compact view of OGBench's loader marks the step before the last row, too.
  auto compact = with(members, "terminals.npy", f4("(5,)", {0, 1, 1, 1, 1}));
  check(load(folder, with(compact, "valids.npy", f4("(5,)", {1, 1, 0, 1, 0}))));
  // The regular one has no last rows.
  check(load(folder, {{"observations.npy", f4("(3, 1)", {0, 1, 10})},
                      {"next_observations.npy", f4("(3, 1)", {1, 2, 11})},
                      {"actions.npy", f4("(3, 1)", {0.5f, -0.5f, 1})},
                      {"terminals.npy", f4("(3,)", {0, 1, 1})},
                      {"rewards.npy", f4("(3,)", {0, -1, -1})},
                      {"masks.npy", f4("(3,)", {0, 1, 1})}}));
}

TEST_CASE("rewards of a task in a maze of OGBench", "[data][ogbench]") {
  const Folder folder;
  // Task 1 of the medium maze ends in cell (6, 6), at (20, 20), within 1 of it for the point and 0.5 for the ant.
  const auto members = with(two(), "qpos.npy", f4("(5, 2)", {20, 20.75f, 19, 20, 20, 20, 18.5f, 20, 20, 20}));
  const auto point = load(folder, members, "log.npz?task=1&environment=pointmaze-medium");
  CHECK(point.rewards == floats{0, 0, -1});
  CHECK(point.terminals == flags{1, 1, 0});
  CHECK(point.task.environment == "pointmaze-medium-singletask-task1-v0");
  CHECK(load(folder, members, "log.npz?task=1&environment=antmaze-medium").rewards == floats{-1, -1, -1});
  // By the file's name: the large maze's first goal is cell (7, 10), at (36, 24).
  const auto large = with(two(), "qpos.npy", f4("(5, 2)", {36, 24, 20, 20, 20, 20, 36, 24, 36, 24}));
  write_bytes(folder / "humanoidmaze-large-navigate-v0.npz", zip(large));
  write_bytes(folder / "humanoidmaze-large-navigate-v0-val.npz", zip(large));
  const auto human = tessera::load_dataset(folder / "humanoidmaze-large-navigate-v0.npz?task=1");
  CHECK(human.rewards == floats{0, -1, 0});
  CHECK(human.task.max_steps == 2000);
  CHECK(human.warnings.back().name == "validation-file");

  CHECK_THAT(error(members, "?task=1"), Contains("does not say of which environment") && Contains("environment="));
  CHECK_THAT(error(members, "?task=6"), Contains("task=6") && Contains("1 to 5"));
  CHECK_THAT(error(members, "?task=1&environment=powderworld-hard"),
             Contains("powderworld-hard") && Contains("'masks'"));
  CHECK_THAT(error(two(), "?task=1&environment=antmaze-giant"), Contains("array qpos") && Contains("missing"));
  CHECK_THAT(error(members, "?tusk=1"), Contains("tusk") && Contains("did you mean 'task'"));
}

TEST_CASE("rewards of a task with cubes and one with buttons of OGBench", "[data][ogbench]") {
  const Folder folder;
  // Task 5 of two cubes: one on the other, at (0.425, 0).  Both are there, one is, one is 0.05 off.
  std::vector<float> places(5 * 28, 0);
  const auto put = [&](std::size_t row, std::size_t cube, float x, float z) {
    places[row * 28 + 14 + 7 * cube] = x, places[row * 28 + 16 + 7 * cube] = z;
  };
  put(0, 0, 0.425f, 0.02f), put(0, 1, 0.425f, 0.06f);
  put(1, 0, 0.4f, 0.02f), put(1, 1, 0.475f, 0.06f);
  put(3, 0, 0.425f, 0.06f), put(3, 1, 0.425f, 0.02f);
  const auto cubes =
      load(folder, with(two(), "qpos.npy", f4("(5, 28)", places)), "log.npz?task=5&environment=cube-double");
  CHECK(cubes.rewards == floats{0, -1, -1});
  CHECK(cubes.terminals == flags{1, 0, 0});

  // Task 2 of nine buttons: all but the first are lit.
  std::vector<float> lit(5 * 9, 1);
  lit[0] = 0, lit[9 + 8] = 0;  // the goal; the first is lit and the last is not
  const auto buttons =
      load(folder, with(two(), "button_states.npy", f4("(5, 9)", lit)), "log.npz?task=2&environment=puzzle-3x3");
  CHECK(buttons.rewards[0] == 0);
  CHECK(buttons.rewards[1] == -2);
  CHECK(buttons.terminals[0] == 1);
  CHECK_THAT(error(with(two(), "button_states.npy", f4("(5, 9)", lit)), "?task=2&environment=puzzle-4x4"),
             Contains("array button_states") && Contains("not the one of this environment"));
}

TEST_CASE("pieces of an OGBench data set in a folder", "[data][ogbench]") {
  const Folder folder;
  std::filesystem::create_directories(folder / "set");
  // Whole numbers as actions, and pictures of 2 x 1 bytes.
  const auto piece = [](std::uint8_t from, std::int32_t action) {
    return zip({{"observations.npy", npy<std::uint8_t>("|u1", "(3, 2, 1)", {from, 1, 2, 3, 4, 5})},
                {"actions.npy", npy<std::int32_t>("<i4", "(3,)", {action, 0, 0})},
                {"terminals.npy", npy<std::int32_t>("<i4", "(3,)", {0, 0, 1})}});
  };
  write_bytes(folder / "set/a-v0-001.npz", piece(100, 4)), write_bytes(folder / "set/a-v0-000.npz", piece(200, 1));
  write_bytes(folder / "set/a-v0-000-val.npz", piece(7, 7));
  const auto data = tessera::load_dataset(folder / "set");
  CHECK((data.kind == tessera::action_kind::discrete && data.action_size == 5 && data.observation_size == 2));
  CHECK(data.action_indices == Rows{1, 0, 4, 0});
  CHECK((data.observation(0)[0] == 200 && data.observation(2)[0] == 100 && data.next_observation(3)[1] == 5));
  CHECK(data.warnings.front().name == "flattened-observations");
  CHECK(data.warnings.back().name == "validation-file");
  CHECK(tessera::load_dataset("ogbench:" + (folder / "set")).size() == 4);
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "set", {.bytes = 100}); }), Contains("memory"));
  write_bytes(folder / "set/a-v0-002.npz", zip(two()));
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "set"); }),
             Contains("a-v0-002.npz") && Contains("not like"));
}

TEST_CASE("OGBench files that cannot be read are refused in one line", "[data][ogbench][hostile]") {
  CHECK_THAT(error(with(two(), "terminals.npy", b1({0, 1}))), Contains("array terminals") && Contains("2 rows"));
  CHECK_THAT(error(with(two(), "terminals.npy", f4("(5,)", {0, 0, 2, 0, 1}))), Contains("row 2") && Contains("0 or 1"));
  CHECK_THAT(error(with(two(), "observations.npy", f4("(5, 1)", {0, 1, NAN, 10, 11}))),
             Contains("array observations") && Contains("1 value is NaN") && Contains("row 2"));
  CHECK_THAT(error(with(two(), "observations.npy", npy<char>("|O", "(5, 1)", {1, 2}))),
             Contains("array observations") && Contains("never unpickled"));
  CHECK_THAT(error(with(two(), "observations.npy", npy<char>("<U4", "(5, 1)", {1, 2}))), Contains("<U4"));
  CHECK_THAT(error(with(two(), "observations.npy", f4("(5, 100, 101)", {}))), Contains("pictures"));
  CHECK_THAT(error(with(two(), "observations.npy", f4("(1000000000, 1000)", {}))), Contains("bytes of data"));
  CHECK_THAT(error(with(two(), "observations.npy", f4("()", {1}))), Contains("single value"));
  CHECK_THAT(error(with(two(), "actions.npy", npy<std::int32_t>("<i4", "(5, 2)", {1, 2, 3, 4, 5, 6, 7, 8, 9, 0}))),
             Contains("array actions") && Contains("several discrete choices"));
  CHECK_THAT(error(with(two(), "actions.npy", npy<std::int32_t>("<i4", "(5,)", {0, -1, 0, 0, 0}))),
             Contains("row 1") && Contains("action index -1"));
  CHECK_THAT(
      error({{"observations.npy", f4("(1, 1)", {0})}, {"actions.npy", f4("(1, 1)", {0})}, {"terminals.npy", b1({1})}}),
      Contains("no transition"));
  // Zeros that unpack to more than the file may take.
  const std::string zeros(std::size_t(64) << 20, '\0');
  auto header = f4("(4, 4194304)", {});
  const Folder folder;
  write_bytes(folder / "bomb.npz", zip(with(two(), "observations.npy", header + zeros)));
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "bomb.npz"); }), Contains("observations"));
  // Cut anywhere, or with a bit flipped anywhere: an error of one line, or a data set.
  const auto whole = zip(two());
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    auto flipped = whole;
    flipped[at] = char(flipped[at] ^ 0x10);
    for (const auto& bytes : {whole.substr(0, at), flipped}) {
      write_bytes(folder / "x.npz", bytes);
      const auto said = error_of([&] { tessera::load_dataset("ogbench:" + (folder / "x.npz")); });
      CHECK(said.find('\n') == std::string::npos);
    }
  }
}
