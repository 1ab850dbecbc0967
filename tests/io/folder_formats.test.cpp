#include <catch2/catch.hpp>
#include <filesystem>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/data_folder.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/untrusted.hpp>

#include "../helpers/expected.hpp"
#include "../helpers/files.hpp"
#include "../helpers/tables.hpp"

using Catch::Contains;
using support::error_of;
using support::TableBytes;
using tessera::action_kind;
using tessera::load_dataset;
using floats = std::vector<float>;
using whole = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

namespace {
/// A LeRobot folder with one Parquet file; what it holds comes from a `PretendedPython`.
std::string lerobot_folder(const support::Folder& folder, const std::string& features, const std::string& more = "") {
  std::filesystem::create_directories(folder / "robot/meta");
  std::filesystem::create_directories(folder / "robot/data/chunk-000");
  support::write_bytes(folder / "robot/data/chunk-000/file-000.parquet", "PAR1");
  support::write_bytes(folder / "robot/meta/info.json",
                       R"({"codebase_version": "v3.0", "features": {)" + features +
                           R"(, "action": {"dtype": "float32", "shape": [1], "names": ["push"]}})" + more + "}");
  return folder / "robot";
}
const std::string state = R"("observation.state": {"dtype": "float32", "shape": [2], "names": {"axes": ["x", "y"]}})";
const std::string done =
    R"(, "next.reward": {"dtype": "float32", "shape": [1]}, "next.done": {"dtype": "bool", "shape": [1]})";

/// Two episodes, of 3 and 2 frames.
TableBytes frames(const whole& numbers = {4, 4, 4, 7, 7}, const whole& frame = {0, 1, 2, 0, 1}) {
  TableBytes sent;
  sent.head(5, 6, {"x"})
      .real("observation.state", {2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
      .real("action", {}, {.5, 1, 2, 3, 4});
  sent.real("next.reward", {}, {1, 2, 3, 4, 5}).flags("next.done", {0, 0, 1, 0, 0});
  sent.whole("episode_index", numbers).whole("frame_index", frame).mark('.');
  return sent;
}
}  // namespace

TEST_CASE("names with numbers in them are ordered by the numbers", "[data][folder]") {
  texts names = {"10", "9", "file-010", "file-9", "a", "07", "7", "b2c", "b10"};
  std::sort(names.begin(), names.end(), tessera::natural_less);
  CHECK(names == texts{"07", "7", "9", "10", "a", "b2c", "b10", "file-9", "file-010"});
}

TEST_CASE("the size of a folder is that of its files", "[data][folder]") {
  const support::Folder folder;
  std::filesystem::create_directories(folder / "a/b");
  support::write_bytes(folder / "a/b/x", std::string(100, 'x'));
  support::write_bytes(folder / "a/y", std::string(11, 'x'));
  std::filesystem::create_directory_symlink("..", folder / "a/circle");
  CHECK((tessera::size_of_data(folder / "a") == 111 && tessera::size_of_data(folder / "a/y") == 11));
  CHECK(tessera::size_of_data(folder / "none") == 0);
  const tessera::DataFolder data(folder / "a");
  CHECK(data.names() == texts{"b", "circle", "y"});
  for (const char* outside : {"../a/y", "/etc/passwd", "b/../../a/y", "circle/a", "circle", ""})
    CHECK_THAT(error_of([&] { data.inside(outside); }), Contains("leads out of the folder"));
  CHECK((data.inside("b/x") == folder / "a/b/x" && data.has("y") && !data.has("z")));
  CHECK_THAT(error_of([&] { tessera::DataFolder(folder / "a/y"); }), Contains("is not a folder"));
}

TEST_CASE("a LeRobot folder gives the steps whose next observation it has", "[data][lerobot]") {
  const support::Folder folder;
  const auto path = lerobot_folder(folder, state + done);
  const support::PretendedPython python(frames().bytes);
  const auto data = load_dataset(path);
  CHECK((data.format == "lerobot" && data.observation_size == 2 && data.action_size == 1 && data.size() == 3));
  CHECK((data.observations == floats{0, 1, 2, 3, 4, 5, 6, 7, 8, 9} && data.actions == floats{.5f, 1, 3}));
  CHECK((data.rewards == floats{1, 2, 4} && data.episodes[0].episode_return == 6 && data.episodes[1].rows == 2));
  // The first has its mark; the second was broken off.
  CHECK((data.episodes[0].complete && !data.episodes[1].complete));
  CHECK((data.spaces.observation_names == texts{"x", "y"} && data.spaces.action_names == texts{"push"}));
  REQUIRE(data.warnings.size() == 3);
  CHECK((data.warnings[0].name == "done-not-told-apart" && data.warnings[1].name == "dropped-timeout-rows"));
  tessera::require_sound(data);
  const auto ended = load_dataset(path + "?done=terminated&reward=-1");
  CHECK((ended.size() == 4 && ended.terminals[2] == 1 && !ended.knows_next(2) &&
         ended.rewards == floats{-1, -1, -1, -1}));
  CHECK_THAT(error_of([&] { load_dataset(path + "?done=both"); }), Contains("terminated or truncated"));
  CHECK_THAT(error_of([&] { load_dataset(path + "?reward=nothing"); }), Contains("'nothing'") && Contains("?reward=0"));
  CHECK_THAT(error_of([&] { load_dataset(path + "?observation=stat"); }), Contains("did you mean 'state'"));
  CHECK_THAT(error_of([&] { load_dataset(path + "?x=1"); }), Contains("no option 'x'"));
}

TEST_CASE("a LeRobot folder without rewards, or with pictures, says what to do", "[data][lerobot]") {
  const support::Folder folder;
  const auto path = lerobot_folder(folder, R"("observation.images.top": {"dtype": "video", "shape": [480, 640, 3]}, )" +
                                               state + R"(, "observation.speed": {"dtype": "float32", "shape": [1]})");
  TableBytes sent;
  sent.head(2, 5, {"x"}).real("observation.state", {2}, {0, 1, 2, 3}).real("observation.speed", {}, {7, 8});
  sent.real("action", {}, {.5, 1}).whole("episode_index", {0, 0}).whole("frame_index", {0, 1}).mark('.');
  const support::PretendedPython python(sent.bytes);
  CHECK_THAT(error_of([&] { load_dataset(path); }),
             Contains("'images.top'") && Contains("is a picture") && Contains("?observation=state:speed"));
  CHECK_THAT(error_of([&] { load_dataset(path + "?observation=state:speed"); }),
             Contains("has no rewards") && Contains("?reward=0"));
  const auto data = load_dataset(path + "?observation=state:speed&reward=0");
  CHECK((data.size() == 1 && data.rewards == floats{0} && data.observations == floats{0, 1, 7, 2, 3, 8}));
  CHECK(data.spaces.observation_names == texts{"state/x", "state/y", "speed[0]"});
  // Without marks an episode is what was recorded: complete.
  CHECK(data.episodes[0].complete);
}

TEST_CASE("a LeRobot folder that contradicts itself is refused", "[data][lerobot]") {
  const support::Folder folder;
  const auto refused = [&](const TableBytes& sent, const std::string& features = state + done,
                           const std::string& more = "") {
    const auto path = lerobot_folder(folder, features, more);
    const support::PretendedPython python(sent.bytes);
    const auto error = error_of([&] { load_dataset(path); });
    CHECK_THAT(error, !Contains("\n"));
    return error;
  };
  CHECK(refused(frames()) == "(no error)");
  CHECK_THAT(refused(frames({4, 4, 7, 4, 7}, {0, 1, 0, 2, 0})),
             Contains("row 3") && Contains("episode 4 has rows in two places"));
  CHECK_THAT(refused(frames({4, 4, 4, 7, 7}, {0, 2, 1, 0, 1})),
             Contains("row 1: is frame 2") && Contains("frame 1 follows"));
  CHECK_THAT(refused(frames(), state + done, R"(, "total_episodes": 3)"), Contains("3 episodes, and the files have 2"));
  CHECK_THAT(refused(frames(), R"("observation.state": {"dtype": "float32", "shape": [3]})" + done),
             Contains("a row has 3 numbers"));
  CHECK_THAT(refused(frames(), R"("observation.state": {"dtype": "float32", "shape": [99999999999999]})" + done),
             Contains("has the shape"));
  CHECK_THAT(refused(frames(), R"("observation.other": {"dtype": "float32", "shape": [2]})" + done),
             Contains("'observation.other' is missing"));
  CHECK_THAT(refused(frames(), R"("a": {"dtype": "float32", "shape": [2]})"),
             Contains("no feature 'observation.NAME'"));
  CHECK_THAT(refused(frames(), R"("observation.state": 3)" + done), Contains("holds no numbers"));
  const auto path = lerobot_folder(folder, state + done);
  support::write_bytes(path + "/meta/info.json", "{");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("is not the JSON"));
  support::write_bytes(path + "/meta/info.json", R"({"features": 1})");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("has no 'features'"));
  support::write_bytes(path + "/meta/info.json", R"({"features": {}, "codebase_version": "v9\n"})");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("version v9\\n"));
  lerobot_folder(folder, state + done);
  std::filesystem::remove(path + "/data/chunk-000/file-000.parquet");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("no Parquet files"));
  support::write_bytes(folder / "elsewhere.parquet", "PAR1");
  std::filesystem::create_symlink("../../../elsewhere.parquet", path + "/data/chunk-000/file-000.parquet");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("leads out of the folder"));
}

TEST_CASE("imitation's folders hold a trajectory in a row", "[data][imitation]") {
  const support::Folder folder;
  const auto path = folder / "saved";
  std::filesystem::create_directories(path);
  support::write_bytes(path + "/dataset_info.json", "{}");
  const auto write_state = [&](const std::string& files) {
    support::write_bytes(path + "/state.json", R"({"_data_files": [)" + files + "]}");
  };
  write_state(R"({"filename": "d.arrow"})");
  support::write_bytes(path + "/d.arrow", "ARROW1");
  const whole observed = {3, 2}, acted = {2, 1};
  const auto sent = [&](const whole& obs_lengths, const whole& actions, bool with_rewards = true) {
    TableBytes bytes;
    std::vector<double> obs;
    for (std::int64_t i = 0; i < 2 * (obs_lengths[0] + obs_lengths[1]); ++i) obs.push_back(double(i));
    bytes.head(2, with_rewards ? 4 : 3, {"obs", "acts", "terminal"}).real("obs", {2}, obs, &obs_lengths);
    bytes.whole("acts", actions, &acted).flags("terminal", {1, 0});
    if (with_rewards) bytes.real("rews", {}, {1, 2, 4}, &acted);
    return bytes.mark('.').bytes;
  };
  {
    const support::PretendedPython python(sent(observed, {0, 2, 1}));
    const auto data = load_dataset(path);
    CHECK((data.format == "imitation-folder" && data.kind == action_kind::discrete && data.action_size == 3));
    CHECK((data.size() == 3 && data.action_indices == whole{0, 2, 1} && data.rewards == floats{1, 2, 4}));
    CHECK(
        (data.terminals == std::vector<std::uint8_t>{0, 1, 0} && data.timeouts == std::vector<std::uint8_t>{0, 0, 1}));
    CHECK((data.next_observation(1)[0] == 4 && data.observation(2)[0] == 6 && data.next_observation(2)[1] == 9));
    CHECK(load_dataset(path + "?reward=0").rewards == floats{0, 0, 0});
    CHECK_THAT(error_of([&] { load_dataset(path + "?reward=x"); }), Contains("reward=x is not a number"));
    write_state(R"({"filename": "../saved/d.arrow"})");
    CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("leads out of the folder"));
    write_state("");
    CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("names no data file"));
    write_state(R"({"filename": "d.arrow"})");
  }
  const auto refused = [&](const std::string& bytes) {
    const support::PretendedPython python(bytes);
    return error_of([&] { load_dataset(path); });
  };
  CHECK_THAT(refused(sent({2, 2}, {0, 2, 1})), Contains("trajectory 0: has 2 observations and 2 actions"));
  CHECK_THAT(refused(sent(observed, {0, -2, 1})), Contains("action"));
  CHECK_THAT(refused(sent(observed, {0, 1'000'000'000'000, 1})), Contains("outside 0 .. 65535"));
  CHECK_THAT(refused(sent(observed, {0, 1, 1}, false)), Contains("has no rewards") && Contains("?reward=0"));
  CHECK_THAT(refused(TableBytes().head(0, 0, {}).mark('.').bytes), Contains("no trajectories"));
  CHECK_THAT(refused(TableBytes().head(1, 1, {"text"}).flags("text", {1}).mark('.').bytes),
             Contains("column 'obs' is missing (there are text)"));
  // Trajectories of one length come as arrays of one shape.
  TableBytes equal;
  equal.head(2, 4, {"obs"}).real("obs", {2, 1}, {0, 1, 2, 3}).real("acts", {1, 1}, {.5, .25}).real("rews", {1}, {1, 2});
  const support::PretendedPython python(equal.flags("terminal", {0, 1}).mark('.').bytes);
  const auto data = load_dataset(path);
  CHECK((data.size() == 2 && data.actions == floats{.5f, .25f} && data.next_observation(1)[0] == 3));
}

TEST_CASE("LeRobot's and imitation's own files are read as they read them", "[data][folder]") {
  const auto agrees = [](const std::string& name, const std::string& options = "") {
    INFO(name);
    const auto expected = support::shared_file("formats/" + name + ".expected.json");
    if (expected.empty() || !support::has_arrow()) return;
    const auto path = support::shared_file("formats/" + name) + options;
    const auto data = load_dataset(path);
    support::check_expected(data, expected);
    CHECK(content_hash(tessera::load_untrusted(path)) == content_hash(data));
    tessera::require_sound(data);
  };
  agrees("lerobot/pendulum-lerobot");
  agrees("imitation/cartpole-hf");
  agrees("imitation/pendulum-hf");
}
