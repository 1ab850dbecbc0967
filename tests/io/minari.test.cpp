#include <tessera/io/minari.hpp>

#include <sys/stat.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/tolerant_json.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/sources/untrusted.hpp>

#include "../helpers/expected.hpp"
#include "../helpers/files.hpp"
#include "../helpers/tables.hpp"

using Catch::Contains;
using support::error_of;
using tessera::action_kind;
using tessera::load_dataset;
namespace minari = tessera::minari;
using floats = std::vector<float>;
using whole = std::vector<std::int64_t>;
using texts = std::vector<std::string>;

namespace {
constexpr float infinite = std::numeric_limits<float>::infinity();

/// A small Minari data set with the storage "hdf5".  Episode e has e % 3 + 1 steps; observation t of it is (e, t), its
/// rewards are e, and its action at t is (e + t / 10).
struct SmallSet {
  std::string observation =
      R"({"type": "Box", "dtype": "float64", "shape": [2], "low": [-Infinity, 0.0], "high": [Infinity, 9.0]})";
  std::string action = R"({"type": "Box", "dtype": "float32", "shape": [1], "low": [-2.0], "high": [20.0]})";
  std::string extra;  // further entries of the metadata
  int episodes = 12, declared = -1;

  static std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }
  std::string metadata() const {
    int steps = 0;
    for (int e = 0; e < episodes; ++e) steps += e % 3 + 1;
    return "{\"total_episodes\": " + std::to_string(declared < 0 ? episodes : declared) +
           ", \"total_steps\": " + std::to_string(steps) +
           ", \"data_format\": \"hdf5\", \"observation_space\": " + quoted(observation) +
           ", \"action_space\": " + quoted(action) + extra + "}";
  }
  template <class F>
  void write(const std::string& folder, F write_spaces) const {
    std::filesystem::create_directories(folder + "/data");
    support::write_bytes(folder + "/data/metadata.json", metadata());
    auto file = tessera::hdf5::File::create(folder + "/data/main_data.hdf5");
    for (int e = 0; e < episodes; ++e) {
      const auto group = "episode_" + std::to_string(e) + "/";
      const std::int64_t steps = e % 3 + 1;
      std::vector<std::uint8_t> none(std::size_t(steps), 0), last = none;
      last.back() = 1;
      file.write(group + "rewards", std::vector<double>(std::size_t(steps), e));
      file.write(group + "terminations", e % 2 == 0 ? last : none);
      file.write(group + "truncations", e % 2 == 0 ? none : last);
      write_spaces(file, group, e, steps);
    }
    file.close();
  }
  void write(const std::string& folder) const {
    write(folder, [](auto& file, const std::string& group, int e, std::int64_t steps) {
      std::vector<double> x;
      floats a;
      for (std::int64_t t = 0; t <= steps; ++t) x.insert(x.end(), {double(e), double(t)});
      for (std::int64_t t = 0; t < steps; ++t) a.push_back(float(e) + float(t) / 10);
      file.write(group + "observations", x, {steps + 1, 2});
      file.write(group + "actions", a, {steps, 1});
    });
  }
};

minari::Metadata metadata_of(const std::string& text) { return minari::read_metadata(text, "m.json"); }
std::vector<minari::SpacePart> parts(const std::string& space) {
  return minari::parts_of_space(tessera::parse_tolerant_json(space, "s"), "s");
}
std::string box(const std::string& shape, const std::string& low, const std::string& high) {
  return R"({"type": "Box", "dtype": "float32", "shape": )" + shape + R"(, "low": )" + low + R"(, "high": )" + high +
         "}";
}
}  // namespace

TEST_CASE("a Minari folder gives every step its true next observation", "[data][minari]") {
  const support::Folder folder;
  SmallSet set;
  set.extra = R"(, "env_spec": "{\"id\": \"Two-v3\", \"max_episode_steps\": 40, \"kwargs\": {\"x\": Infinity}}",)"
              R"( "ref_min_score": -3.5, "ref_max_score": 12)";
  set.write(folder / "own/two-v0");
  const auto data = load_dataset(folder / "own/two-v0");
  CHECK((data.format == "minari" && data.name == folder / "own/two-v0" && data.kind == action_kind::continuous));
  CHECK((data.observation_size == 2 && data.action_size == 1 && data.size() == 24));
  REQUIRE(data.episodes.size() == 12);
  for (int e = 0; e < 12; ++e) {  // in the order of their numbers, not of their names
    const auto& episode = data.episodes[std::size_t(e)];
    CHECK((episode.transitions == e % 3 + 1 && episode.rows == e % 3 + 1 && episode.complete));
    CHECK(episode.episode_return == e * (e % 3 + 1));
    for (std::int64_t t = 0; t < episode.transitions; ++t) {
      const auto i = episode.first + t;
      CHECK((data.observation(i)[0] == float(e) && data.observation(i)[1] == float(t)));
      CHECK((data.next_observation(i)[0] == float(e) && data.next_observation(i)[1] == float(t + 1)));
      CHECK(data.actions[std::size_t(i)] == float(e) + float(t) / 10);
      const bool last = t + 1 == episode.transitions;
      CHECK((data.terminals[std::size_t(i)] == (last && e % 2 == 0) &&
             data.timeouts[std::size_t(i)] == (last && e % 2 == 1)));
    }
  }
  CHECK((data.unknown_next.empty() && data.warnings.empty()));
  CHECK((data.task.environment == "Two-v3" && data.task.max_steps == 40));
  CHECK((data.task.score_zero == -3.5 && data.task.score_hundred == 12));
  CHECK((data.limits_from == tessera::limits_origin::file && data.action_low == floats{-2} &&
         data.action_high == floats{20}));
  CHECK((data.spaces.observation_low == floats{-infinite, 0} && data.spaces.observation_high == floats{infinite, 9}));
  CHECK((data.spaces.observation_names.empty() && data.spaces.action_names.empty()));
  tessera::require_sound(data);
  // The folder in it, its file, and in another process.
  for (const char* other : {"own/two-v0/", "own/two-v0/data", "own/two-v0/data/main_data.hdf5"})
    CHECK(content_hash(load_dataset(folder / other)) == content_hash(data));
  CHECK(content_hash(load_dataset("minari:" + (folder / "own/two-v0"))) == content_hash(data));
  const auto apart = tessera::load_untrusted(folder / "own/two-v0");
  CHECK(
      (content_hash(apart) == content_hash(data) && apart.task.environment == "Two-v3" && apart.spaces == data.spaces));
  CHECK_THAT(error_of([&] { load_dataset(folder / "own/two-v0?observations=x"); }),
             Contains("no option 'observations'") && Contains("did you mean 'observation'"));
}

TEST_CASE("Dict and Tuple spaces become a vector whose numbers keep their names", "[data][minari]") {
  const support::Folder folder;
  SmallSet set;
  set.episodes = 2;
  set.observation =
      R"({"type": "Dict", "subspaces": {"z": )" + box("[1, 2]", "[[-1, -2]]", "[[1, 2]]") +
      R"(, "a": {"type": "Tuple", "subspaces": [{"type": "Discrete", "n": 3, "start": 5},)"
      R"( {"type": "MultiBinary", "n": 2}, {"type": "MultiDiscrete", "nvec": [2, 2], "start": [0, 1]}]}}})";
  set.action = R"({"type": "MultiDiscrete", "dtype": "int64", "nvec": [3, 4], "start": [0, 0]})";
  set.write(folder / "mixed-v0", [](auto& file, const std::string& group, int e, std::int64_t steps) {
    whole choice, actions, two;
    floats z;
    std::vector<std::uint8_t> bits;
    for (std::int64_t t = 0; t <= steps; ++t) {
      choice.push_back(5 + (t + e) % 3);
      z.insert(z.end(), {float(t), float(-t)}), bits.insert(bits.end(), {1, 0}), two.insert(two.end(), {1, 2});
    }
    for (std::int64_t t = 0; t < steps; ++t) actions.insert(actions.end(), {2, t});
    file.write(group + "observations/z", z, {steps + 1, 1, 2});
    file.write(group + "observations/a/_index_0", choice);
    file.write(group + "observations/a/_index_1", bits, {steps + 1, 2});
    file.write(group + "observations/a/_index_2", two, {steps + 1, 2});
    file.write(group + "actions", actions, {steps, 2});
  });
  const auto data = load_dataset(folder / "mixed-v0");
  CHECK(data.spaces.observation_names == texts{"z[0,0]", "z[0,1]", "a/0=5", "a/0=6", "a/0=7", "a/1[0]", "a/1[1]",
                                               "a/2[0]=0", "a/2[0]=1", "a/2[1]=1", "a/2[1]=2"});
  CHECK(data.spaces.observation_low == floats{-1, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(data.spaces.observation_high == floats{1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  REQUIRE(data.size() == 3);
  CHECK(floats(data.observation(0), data.observation(0) + 11) == floats{0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1});
  CHECK(floats(data.next_observation(2), data.next_observation(2) + 11) == floats{2, -2, 1, 0, 0, 1, 0, 0, 1, 0, 1});
  CHECK((data.kind == action_kind::discrete && data.action_size == 12 && data.spaces.action_factors == whole{3, 4}));
  CHECK(data.action_indices == whole{8, 8, 9});  // 2 * 4 + t
  CHECK(data.spaces.first_action == 0);
  // Parts of it, and a choice as one number.
  const auto some = load_dataset(folder / "mixed-v0?observation=a/0:z&discrete=index");
  CHECK(some.spaces.observation_names == texts{"z[0,0]", "z[0,1]", "a/0"});
  CHECK(floats(some.observation(1), some.observation(1) + 3) == floats{0, 0, 1});
  CHECK((some.spaces.observation_high == floats{1, 2, 2}));
  CHECK(load_dataset(folder / "mixed-v0?observation=a").observation_size == 9);
  CHECK_THAT(error_of([&] { load_dataset(folder / "mixed-v0?observation=a/3"); }),
             Contains("no part 'a/3'") && Contains("did you mean"));
  CHECK_THAT(error_of([&] { load_dataset(folder / "mixed-v0?discrete=both"); }), Contains("index or one-hot"));
  CHECK(content_hash(tessera::load_untrusted((folder / "mixed-v0?observation=z"))) ==
        content_hash(load_dataset(folder / "mixed-v0?observation=z")));
}

TEST_CASE("actions of both kinds, too many, and pictures are refused by name", "[data][minari]") {
  const auto both =
      parts(R"({"type": "Tuple", "subspaces": [{"type": "Discrete", "n": 3}, )" + box("[2]", "[0,0]", "[1,1]") + "]}");
  CHECK_THAT(error_of([&] { minari::ActionLayout(both, "m"); }), Contains("?action=0 or ?action=1"));
  CHECK(minari::ActionLayout(minari::choose_parts(both, "1", "action", "m"), "m").size() == 2);
  const minari::ActionLayout bits(parts(R"({"type": "MultiBinary", "n": [2, 2]})"), "m");
  CHECK((bits.size() == 16 && bits.kind() == action_kind::discrete));
  CHECK_THAT(error_of([] { minari::ActionLayout(parts(R"({"type": "MultiBinary", "n": 17})"), "m"); }),
             Contains("more than 65536 discrete actions"));
  CHECK_THAT(error_of([] { minari::ActionLayout(parts(R"({"type": "Discrete", "n": 4000000000000})"), "m"); }),
             Contains("more than 65536 discrete actions"));
  // What the task calls them, where they do not begin with 0.
  tessera::LogSpaces names;
  minari::ActionLayout(parts(R"({"type": "MultiDiscrete", "nvec": [2, 2], "start": [1, 0]})"), "m").describe(names);
  CHECK(names.action_names == texts{"1,0", "1,1", "2,0", "2,1"});
  tessera::LogSpaces one;
  minari::ActionLayout(parts(R"({"type": "Discrete", "n": 2, "start": -1})"), "m").describe(one);
  CHECK((one.first_action == -1 && one.action_factors.empty()));

  const auto picture =
      parts(R"({"type": "Dict", "subspaces": {"image": {"type": "Box", "dtype": "uint8", "shape": [64, 64, 3],)"
            R"( "low": 0, "high": 255}, "say": {"type": "Text", "max_length": 3}, "pose": )" +
            box("[2]", "[0,0]", "[1,1]") +
            R"(, "grid": {"type": "Box", "dtype": "uint8", "shape": [2, 1],)"
            R"( "low": [[0], [0]], "high": [[9], [9]]}}})");
  CHECK_THAT(error_of([&] { minari::choose_parts(picture, "", "observation", "m"); }),
             Contains("'image'") && Contains("is an image") && Contains("?observation=pose:grid"));
  CHECK_THAT(error_of([&] { minari::choose_parts(picture, "pose:say", "observation", "m"); }),
             Contains("'say'") && Contains("is a text"));
  CHECK(minari::choose_parts(picture, "pose:grid", "observation", "m").size() == 2);
  CHECK_THAT(error_of([&] { minari::choose_parts(parts(R"({"type": "Graph"})"), "", "observation", "m"); }),
             Contains("of the kind 'Graph'"));
  CHECK_THAT(error_of([&] { minari::ObservationLayout(parts(R"({"type": "Discrete", "n": 100000000})"), true, "m"); }),
             Contains("?discrete=index"));
  CHECK(minari::ObservationLayout(parts(R"({"type": "Discrete", "n": 100000000})"), false, "m").size() == 1);
}

TEST_CASE("Python's JSON is read with its infinities", "[data][minari]") {
  const auto json = tessera::parse_tolerant_json(
      R"({"a": [Infinity, -Infinity, NaN, 1e3], "b": "Infinity \" -Infinity NaN", "c": true})", "x");
  CHECK(tessera::number_of(json["a"][0], 0) == double(infinite));
  CHECK(tessera::number_of(json["a"][1], 0) == -double(infinite));
  CHECK((std::isnan(tessera::number_of(json["a"][2], 0)) && tessera::number_of(json["a"][3], 0) == 1000));
  CHECK((json["b"] == "Infinity \" -Infinity NaN" && tessera::number_of(json["b"], 7) == 7));
  CHECK((tessera::whole_of(json["a"][3], -1) == 1000 && tessera::whole_of(json["c"], -1) == -1));
  CHECK(tessera::whole_of(tessera::parse_tolerant_json("[18446744073709551615]", "x")[0], -1) == -1);
  const auto refused = [](const std::string& text) {
    return error_of([&] { tessera::parse_tolerant_json(text, "x.json"); });
  };
  for (const char* bad :
       {"", "{", "Infinit", "{\"a\": Infinity1}", "[1,]", "\"\\", "\"", "{\"a\" 1}", "\xff", "[1] 2", "\\\""})
    CHECK_THAT(refused(bad), Contains("x.json: is not the JSON") && !Contains("\n"));
  CHECK_THAT(refused(std::string(1'000'000, '[')), Contains("nested more than 64 deep"));
  CHECK(tessera::parse_tolerant_json(std::string(64, '[') + std::string(64, ']'), "x").is_array());
  std::string wide = "{";
  for (int i = 0; i < 5000; ++i) wide += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  CHECK_THAT(refused(wide + "}"), Contains("more than 4096 entries"));
}

TEST_CASE("metadata that make no sense are an error of one line", "[data][minari]") {
  const auto refused = [](const std::string& observation, const std::string& action = "") {
    SmallSet set;
    set.observation = observation;
    if (!action.empty()) set.action = action;
    return error_of([&] { metadata_of(set.metadata()); });
  };
  CHECK(metadata_of(SmallSet{}.metadata()).episodes == 12);
  CHECK_THAT(error_of([] { metadata_of("[]"); }), Contains("m.json: is not the metadata"));
  CHECK_THAT(error_of([] { metadata_of(R"({"data_format": "zarr\n"})"); }),
             Contains("'zarr\\n'") && Contains("parquet"));
  CHECK_THAT(error_of([] { metadata_of(R"({"total_steps": 3})"); }), Contains("'observation_space' is missing"));
  CHECK_THAT(refused("not json"), Contains("m.json: 'observation_space'") && Contains("is not the JSON"));
  CHECK_THAT(refused("3"), Contains("is not a space"));
  CHECK_THAT(refused(R"({"type": "Dict", "subspaces": []})"), Contains("has no subspaces"));
  CHECK_THAT(refused(R"({"type": "Dict", "subspaces": {}})"), Contains("has no parts"));
  CHECK_THAT(refused(R"({"type": "Dict", "subspaces": {"": 1}})"), Contains("key without a name"));
  CHECK_THAT(refused(R"({"type": "Dict", "subspaces": {"a\u001b": 1}})"), Contains("'a\\x1b'"));
  CHECK_THAT(refused(box("[4611686018427387904, 4]", "[]", "[]")), Contains("has the shape"));
  CHECK_THAT(refused(box("[-1]", "[]", "[]")), Contains("has the shape"));
  CHECK_THAT(refused(box("[0]", "[]", "[]")), Contains("has the shape"));
  CHECK_THAT(refused(box("[\"x\"]", "[]", "[]")), Contains("has the shape"));
  CHECK_THAT(refused(box("{}", "[]", "[]")), Contains("has no shape"));
  CHECK_THAT(refused(box("[2]", "[0]", "[1, 1]")), Contains("'low' has 1 numbers"));
  CHECK_THAT(refused(R"({"type": "Discrete"})"), Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "Discrete", "n": 0})"), Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "Discrete", "n": 3, "start": "one"})"), Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "Discrete", "n": 1e300})"), Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "Discrete", "n": 3, "start": -9223372036854775808})"),
             Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "MultiDiscrete", "nvec": [[2, 3], [2]], "start": 0})"),
             Contains("does not say how many"));
  CHECK_THAT(refused(R"({"type": "MultiDiscrete", "nvec": [[2, 3], [2]]})"), Contains("no shape"));
  CHECK_THAT(refused(R"({"type": "MultiBinary", "n": 99999999999})"), Contains("does not say how many"));
  // Many boxes of no bounds, each of which would take 16 MB.
  std::string many = R"({"type": "Tuple", "subspaces": [)";
  for (int i = 0; i < 1000; ++i) many += (i == 0 ? "" : ",") + std::string(R"({"type": "Box", "shape": [1048576]})");
  CHECK_THAT(refused(many + "]}"), Contains("more than 1048576 numbers"));
  // The task is a help, not a need.
  SmallSet set;
  set.extra = R"(, "env_spec": "{{", "ref_min_score": "high")";
  const auto read = metadata_of(set.metadata());
  REQUIRE(read.warnings.size() == 1);
  CHECK((read.warnings[0].name == "task-not-read" && std::isnan(read.task.score_zero)));
  set.extra = R"(, "env_spec": {"id": "x\u0007", "max_episode_steps": -5})";
  CHECK((metadata_of(set.metadata()).task.environment == "x\\x07" && metadata_of(set.metadata()).task.max_steps == 0));
}

TEST_CASE("a Minari folder that is not whole is refused", "[data][minari]") {
  namespace fs = std::filesystem;
  const support::Folder folder;
  const auto path = folder / "a-v0", data = path + "/data";
  const auto refused = [&] {
    const auto error = error_of([&] { load_dataset(path); });
    CHECK_THAT(error, !Contains("\n"));
    return error;
  };
  const auto fresh = [&](auto change) {
    fs::remove_all(path);
    SmallSet set;
    change(set);
    set.write(path);
  };
  fresh([](SmallSet& set) { set.declared = 13; });
  CHECK_THAT(refused(), Contains("main_data.hdf5: episode 12 is missing, of 13"));
  fresh([](SmallSet& set) { set.declared = 3; });  // more than it says: read, with a word about the steps
  CHECK(load_dataset(path).episodes.size() == 12);
  fresh([](SmallSet& set) { set.extra = R"(, "total_steps": 99)"; });
  CHECK(load_dataset(path).warnings.at(0).name == "steps-differ");
  fs::remove(data + "/main_data.hdf5");
  CHECK_THAT(error_of([&] { load_dataset("minari:" + path); }), Contains("main_data.hdf5"));
  fresh([](SmallSet&) {});
  fs::remove(data + "/metadata.json");
  CHECK_THAT(error_of([&] { load_dataset(data + "/main_data.hdf5"); }), Contains("metadata.json"));
  // A file beside the metadata is read itself, not the one of the usual name.
  fresh([](SmallSet&) {});
  fs::copy_file(data + "/main_data.hdf5", data + "/other.hdf5");
  support::write_bytes(data + "/main_data.hdf5", "\x89HDF");
  CHECK(load_dataset(data + "/other.hdf5").size() == 24);

  // Arrays that contradict the metadata, or each other.
  const auto with = [&](auto change) {
    fs::remove_all(path);
    SmallSet set;
    set.episodes = 1;
    set.write(path, [&](auto& file, const std::string& group, int, std::int64_t) {
      change(file, group);
      if (!file.exists(group + "observations")) file.write(group + "observations", floats{0, 0, 0, 0}, {2, 2});
      if (!file.exists(group + "actions")) file.write(group + "actions", floats{0}, {1, 1});
    });
    return refused();
  };
  CHECK(with([](auto&, const std::string&) {}) == "(no error)");
  CHECK_THAT(with([](auto& file, const std::string& group) {
               file.write(group + "observations", floats(6), {3, 2});
             }),
             Contains("episode_0/observations") && Contains("(3, 2)") && Contains("(2, 2)"));
  CHECK_THAT(with([](auto& file, const std::string& group) {
               file.write(group + "observations", floats(2), {1, 2});
             }),
             Contains("(1, 2)"));
  CHECK_THAT(with([](auto& file, const std::string& group) {
               file.write(group + "observations/x", floats(2), {1, 2});
             }),
             Contains("episode_0/observations") && Contains("group"));
  CHECK_THAT(with([](auto& file, const std::string& group) { file.write_string(group + "actions", "left"); }),
             Contains("does not hold numbers"));
  CHECK_THAT(with([](auto& file, const std::string& group) {
               file.write(group + "observations", floats{0, 0, 0, std::nanf("")}, {2, 2});
             }),
             Contains("episode 0") && Contains("NaN"));
  // Flags.
  const auto flagged = [&](const std::vector<std::uint8_t>& terminations,
                           const std::vector<std::uint8_t>& truncations) {
    fs::remove_all(path);
    SmallSet set;
    set.episodes = 0, set.declared = 1;
    set.write(path);
    fs::remove(data + "/main_data.hdf5");
    auto file = tessera::hdf5::File::create(data + "/main_data.hdf5");
    file.write("episode_0/rewards", floats{1, 2, 4});
    file.write("episode_0/observations", floats{0, 0, 1, 1, 2, 2, 3, 3}, {4, 2});
    file.write("episode_0/actions", floats{0, 0, 0}, {3, 1});
    file.write("episode_0/terminations", terminations);
    file.write("episode_0/truncations", truncations);
    file.close();
  };
  flagged({0, 2, 0}, {0, 0, 0});
  CHECK_THAT(refused(), Contains("episode_0: step 1 has an end mark 2"));
  flagged({0, 0}, {0, 0, 0});
  CHECK_THAT(refused(), Contains("3 rewards and 2 end marks"));
  flagged({0, 0, 0}, {0, 0, 0});
  CHECK((load_dataset(path).episodes.size() == 1 && !load_dataset(path).episodes[0].complete));
  flagged({0, 0, 1}, {0, 0, 1});
  CHECK((load_dataset(path).terminals.back() == 1 && load_dataset(path).timeouts.back() == 0));
  flagged({1, 0, 0}, {0, 0, 1});  // nothing is bootstrapped over the end
  const auto two = load_dataset(path);
  CHECK((two.episodes.size() == 2 && two.episodes[1].episode_return == 6 && two.terminals[0] == 1));
  CHECK((two.next_observation(0)[0] == 1 && two.observation(1)[0] == 1));
  REQUIRE(two.warnings.size() == 2);
  CHECK((two.warnings[1].name == "end-inside-episode" && two.warnings[0].name == "steps-differ"));
}

TEST_CASE("nothing outside a Minari folder is read", "[data][minari]") {
  namespace fs = std::filesystem;
  const support::Folder folder;
  SmallSet set;
  set.write(folder / "a-v0"), set.write(folder / "b-v0");
  const auto outside = Contains("leads out of the folder of the data set, where nothing is read; if you trust it");
  const auto swap = [&](const std::string& name, const std::string& target) {
    fs::remove_all(folder / ("a-v0/data/" + name));
    fs::create_symlink(target, folder / ("a-v0/data/" + name));
  };
  swap("main_data.hdf5", "../../b-v0/data/main_data.hdf5");
  CHECK_THAT(error_of([&] { load_dataset(folder / "a-v0"); }), outside);
  set.write(folder / "a-v0");
  swap("metadata.json", "/etc/passwd");
  CHECK_THAT(error_of([&] { load_dataset(folder / "a-v0"); }), outside);
  swap("metadata.json", "metadata.json");  // a circle
  CHECK_THAT(error_of([&] { load_dataset("minari:" + (folder / "a-v0/data")); }), Contains("metadata.json"));
  fs::remove_all(folder / "a-v0");
  // A link inside is as good as the file, and so is a link to the whole folder.
  set.write(folder / "a-v0");
  fs::rename(folder / "a-v0/data/main_data.hdf5", folder / "a-v0/data/real.hdf5");
  swap("main_data.hdf5", "real.hdf5");
  fs::create_symlink("a-v0", folder / "link-v0");
  CHECK(load_dataset(folder / "link-v0").size() == 24);
  // A pipe is not waited for.
  fs::remove(folder / "a-v0/data/metadata.json");
  REQUIRE(::mkfifo((folder / "a-v0/data/metadata.json").c_str(), 0600) == 0);
  CHECK_THAT(error_of([&] { load_dataset(folder / "a-v0"); }), Contains("not a regular file"));
  CHECK_THAT(error_of([&] { tessera::load_untrusted(folder / "a-v0"); }), Contains("not a regular file"));
}

TEST_CASE("Minari's Arrow and Parquet storage has a last row that is no step", "[data][minari][arrow]") {
  const support::Folder folder;
  const auto path = folder / "a-v0", data = path + "/data";
  const auto write = [&](int declared, int present, const std::string& storage = "parquet") {
    std::filesystem::remove_all(path);
    for (int e = 0; e < present; ++e) {
      std::filesystem::create_directories(data + "/" + std::to_string(e));
      support::write_bytes(data + "/" + std::to_string(e) + "/part-0." + storage, "PAR1");
    }
    SmallSet set;
    auto text = set.metadata();
    text.replace(text.find("hdf5"), 4, storage);
    text.replace(text.find(": 12,"), 5, ": " + std::to_string(declared) + ",");
    support::write_bytes(data + "/metadata.json", text);
  };
  // Eleven episodes of one step, which the storage lists as 0, 1, 10, 2, ...
  support::TableBytes sent;
  for (int e = 0; e < 11; ++e)
    sent.head(2, 5, {"observations"})
        .real("observations", {2}, {double(e), 0, double(e), 1})
        .real("actions", {1}, {e / 10.0, 0})
        .real("rewards", {}, {double(e), 0})
        .flags("terminations", {e == 3, 0})
        .flags("truncations", {e != 3, 0});
  const support::PretendedPython python(sent.mark('.').bytes);
  write(11, 11);
  const auto read = load_dataset(path);
  REQUIRE(read.size() == 11);
  for (int e = 0; e < 11; ++e) {
    const auto i = std::size_t(e);
    CHECK((read.rewards[i] == float(e) && read.observation(e)[0] == float(e) && read.next_observation(e)[1] == 1));
    CHECK((read.actions[i] == float(e) / 10 && read.terminals[i] == (e == 3) && read.timeouts[i] == (e != 3)));
  }
  write(12, 11);
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("episode 11 is missing, of 12"));
  write(11, 11, "arrow");
  CHECK(load_dataset(path).size() == 11);
  std::filesystem::rename(data + "/4/part-0.arrow", data + "/4/part-0.parquet");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("episode 4 is missing"));
  std::filesystem::remove_all(data + "/4");
  std::filesystem::create_symlink("/etc", data + "/4");
  CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("leads out of the folder"));

  const auto refused = [&](const support::TableBytes& table) {
    write(1, 1);
    const support::PretendedPython other(table.bytes + ".");
    return error_of([&] { load_dataset(path); });
  };
  using Bytes = support::TableBytes;
  const auto good = [] {
    return Bytes()
        .head(2, 5, {"x"})
        .real("rewards", {}, {1, 0})
        .flags("terminations", {1, 0})
        .flags("truncations", {0, 0});
  };
  CHECK(refused(good().real("observations", {2}, {0, 0, 0, 1}).real("actions", {1}, {0, 0})) == "(no error)");
  CHECK_THAT(refused(good().real("observations", {3}, {0, 0, 0, 1, 1, 1}).real("actions", {1}, {0, 0})),
             Contains("column 'observations' is type of observations") && Contains("a row has 2 numbers"));
  CHECK_THAT(refused(good().real("observation", {2}, {0, 0, 0, 1}).real("actions", {1}, {0, 0})),
             Contains("column 'observations' is missing"));
  CHECK_THAT(refused(good()
                         .column("observations", tessera::ArrowColumn::kind::real, {2}, std::vector<double>{0, 0, 0, 1},
                                 nullptr, {0, 0, 1, 0})
                         .real("actions", {1}, {0, 0})),
             Contains("row 1 has no value"));
  CHECK_THAT(refused(Bytes().head(0, 0, {})), Contains("has no rows"));
}

TEST_CASE("data sets that Minari wrote are read as Minari reads them", "[data][minari]") {
  const support::ExpectedOptions hot{.one_hot = {{"mode", 1}, {"1", 2}}};
  const auto agrees = [&](const std::string& name, const std::string& options = "", support::ExpectedOptions how = {}) {
    INFO(name << options);
    const auto expected = support::shared_file("formats/minari/own/" + name + ".expected.json");
    if (expected.empty()) return;
    if (!name.ends_with("combined-v0") && name.find("hdf5") == std::string::npos && !support::has_arrow()) return;
    if (how.one_hot.empty()) how.one_hot = hot.one_hot;
    const support::Expected by_minari(expected, how);
    const auto data = load_dataset(support::shared_file("formats/minari/own/" + name) + options);
    by_minari.check(data);
    CHECK(data.task.environment == by_minari.field("env_id").get<std::string>());
    CHECK(data.task.max_steps == by_minari.field("max_episode_steps").get<std::int64_t>());
    const auto& flat = by_minari.field("gymnasium_flatten_of_first_observation");
    for (std::size_t j = 0; j < flat.size(); ++j) CHECK(data.observation(0)[j] == Approx(flat[j].get<double>()));
    if (!flat.is_null()) CHECK(std::int64_t(flat.size()) == data.observation_size);
    const auto& best = by_minari.field("ref_max_score");
    CHECK((best.is_null() ? std::isnan(data.task.score_hundred) : data.task.score_hundred == best.get<double>()));
    const auto apart = tessera::load_untrusted(support::shared_file("formats/minari/own/" + name) + options);
    CHECK(content_hash(apart) == content_hash(data));
    tessera::require_sound(data);
  };
  for (const char* name :
       {"cartpole/mixed-hdf5-v0", "cartpole/mixed-arrow-v0", "hopper/noisy-hdf5-v0", "hopper/noisy-arrow-v0",
        "mixed/multidiscrete-hdf5-v0", "mixed/multidiscrete-arrow-v0", "pendulum/combined-v0", "pendulum/full-hdf5-v0",
        "pendulum/stop50-hdf5-v0", "pendulum/stop50-arrow-v0", "pendulum/stop50-parquet-v0", "point2/dict-hdf5-v0",
        "point2/dict-arrow-v0", "point2/dict-parquet-v0", "point2/infos-hdf5-v0", "point2/infos-arrow-v0"})
    agrees(name);
  for (const char* name : {"mixed/tupleaction-hdf5-v0", "mixed/tupleaction-parquet-v0"}) {
    // One of the two parts of the action; the single transitions of the file have both.
    agrees(name, "?action=0", {.skip = {"columns/action/1", "transitions"}});
    const auto path = support::shared_file(std::string("formats/minari/own/") + name);
    if (path.empty() || (path.find("hdf5") == std::string::npos && !support::has_arrow())) continue;
    const auto expected = support::Expected(path + ".expected.json").field("transitions");
    const auto data = load_dataset(path + "?action=1");
    CHECK((data.kind == action_kind::continuous && data.spaces.action_names == texts{"1[0]", "1[1]"}));
    for (const char* which : {"first", "second", "last"}) {
      const auto& episode = data.episodes[expected[which]["episode_index"].get<std::size_t>()];
      for (std::size_t j = 0; j < 2; ++j)
        CHECK(data.actions[std::size_t(episode.first) * 2 + j] ==
              Approx(expected[which]["first_transition"]["action"]["1"][j].get<double>()));
    }
  }
  for (const char* name : {"jpeg-hdf5-v0", "jpeg-arrow-v0", "raw-hdf5-v0"})
    if (const auto path = support::shared_file(std::string("formats/minari/own/picture/") + name); !path.empty())
      CHECK_THAT(error_of([&] { load_dataset(path); }), Contains("'image'") && Contains("is an image"));
}

TEST_CASE("the human demonstrations of door are aligned in every row", "[data][minari]") {
  const auto path = support::shared_file("minari/D4RL/door/human-v2");
  if (path.empty()) return;
  const auto data = load_dataset(path);
  CHECK((data.size() == 6729 && data.episodes.size() == 25 && data.observation_size == 39 && data.action_size == 28));
  CHECK((data.task.environment == "AdroitHandDoor-v1" && data.task.max_steps == 200));
  CHECK(data.limits_from == tessera::limits_origin::file);
  // Against the arrays themselves.
  const auto file = tessera::hdf5::File::open(path + "/data/main_data.hdf5");
  std::int64_t rows = 0, different = 0;
  for (std::size_t e = 0; e < 25; ++e) {
    const auto group = "episode_" + std::to_string(e);
    const auto x = file.read<float>(group + "/observations"), a = file.read<float>(group + "/actions"),
               r = file.read<float>(group + "/rewards");
    const auto& episode = data.episodes[e];
    REQUIRE(episode.transitions == std::int64_t(r.size()));
    REQUIRE(x.size() == (r.size() + 1) * 39);
    for (std::size_t t = 0; t < r.size(); ++t, ++rows) {
      const auto i = episode.first + std::int64_t(t);
      const auto row = [&](std::size_t k) { return x.data() + k * 39; };
      different += std::memcmp(data.observation(i), row(t), 39 * sizeof(float)) != 0;
      different += std::memcmp(data.next_observation(i), row(t + 1), 39 * sizeof(float)) != 0;
      if (t + 1 < r.size())
        different += std::memcmp(data.next_observation(i), data.observation(i + 1), 39 * sizeof(float)) != 0;
      different += std::memcmp(data.actions.data() + std::size_t(i) * 28, a.data() + t * 28, 28 * sizeof(float)) != 0;
      different += data.rewards[std::size_t(i)] != r[t];
    }
  }
  CHECK((rows == 6729 && different == 0));
}
