#include <tessera/io/robomimic.hpp>

#include <limits>

#include <tessera/sources/load.hpp>

#include "helpers/hostile_files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::hdf5::File;
using floats = std::vector<float>;
using flags = std::vector<std::uint8_t>;
using Names = std::vector<std::string>;

namespace {
// Demonstrations 0, 2 and 10, of 2 steps each; demonstration k begins at (k, k + 0.5, 10 k).
struct Demos {
  bool next = true, rewards = true;
  std::vector<std::int64_t> dones = {0, 1};
  std::int64_t width_of_last = 2;
  float last = 0.5f;

  void write(const std::string& path) const {
    auto file = File::create(path);
    for (const std::int64_t k : {0, 2, 10}) {
      const auto at = "data/demo_" + std::to_string(k) + "/";
      const auto x = float(k);
      const auto width = k == 10 ? width_of_last : 2;
      floats position = {x, x + 0.5f, x + 1, x + 1.5f};
      position.resize(std::size_t(2 * width), 0);
      file.write(at + "obs/position", position, {2, width});
      file.write(at + "obs/angle", floats{10 * x, 10 * x + 1});
      file.write(at + "obs/image", std::vector<std::uint8_t>(2 * 3 * 3 * 3, 7), {2, 3, 3, 3});
      if (next) {
        file.write(at + "next_obs/position", floats{x + 1, x + 1.5f, x + 2, x + 2.5f}, {2, 2});
        file.write(at + "next_obs/angle", floats{10 * x + 1, 10 * x + 2});
      }
      file.write(at + "actions", floats{last, -1, 1, 0}, {2, 2});
      if (rewards) file.write(at + "rewards", floats{0, x});
      if (!dones.empty()) file.write(at + "dones", dones);
    }
    file.write_attribute("data", "env_args", R"({"env_name": "Lift", "type": 1})");
    file.write_strings("mask/valid", {"demo_10", "demo_0"});
    file.write_strings("mask/wrong", {"demo_7"});
    file.close();
  }
};
tessera::Dataset load(const Demos& demos, const std::string& options = "") {
  const support::Folder folder;
  demos.write(folder / "demo.hdf5");
  return tessera::load_dataset(folder / "demo.hdf5" + options);
}
std::string error(const Demos& demos, const std::string& options = "") {
  return error_of([&] { load(demos, options); });
}
}  // namespace

TEST_CASE("demonstrations of robomimic, in the order of their numbers", "[data][robomimic]") {
  const auto data = load({});
  CHECK((data.format == "robomimic" && data.task.environment == "Lift"));
  CHECK(data.spaces.observation_names == Names{"angle", "position[0]", "position[1]"});
  CHECK(data.rewards == floats{0, 0, 0, 2, 0, 10});
  CHECK(data.terminals == flags{0, 1, 0, 1, 0, 1});
  CHECK((data.observation(4)[0] == 100 && data.observation(4)[1] == 10 && data.observation(4)[2] == 10.5f));
  CHECK((data.next_observation(5)[0] == 102 && data.next_observation(5)[2] == 12.5f));
  CHECK(data.observations.size() == 3 * 3 * 3);  // what the next step shows is stored once
  REQUIRE(data.warnings.size() == 1);
  CHECK_THAT(data.warnings[0].message, Contains("'image'"));
}

TEST_CASE("keys and masks of robomimic are options", "[data][robomimic]") {
  const auto chosen = load({}, "?observation=position:angle&mask=valid");
  CHECK(chosen.spaces.observation_names == Names{"position[0]", "position[1]", "angle"});
  CHECK((chosen.episodes.size() == 2 && chosen.rewards == floats{0, 0, 0, 10}));
  CHECK(chosen.warnings.empty());
  CHECK_THAT(error({}, "?observation=positon"), Contains("positon") && Contains("did you mean 'position'"));
  CHECK_THAT(error({}, "?observation=image"), Contains("(2, 3, 3, 3)") && Contains("no vector"));
  CHECK_THAT(error({}, "?mask=train"), Contains("mask/train") && Contains("there are valid, wrong"));
  CHECK_THAT(error({}, "?mask=wrong"), Contains("lists 'demo_7'"));
  CHECK_THAT(error({}, "?masks=valid"), Contains("did you mean 'mask'"));
}

TEST_CASE("what a demonstration of robomimic may lack", "[data][robomimic]") {
  const auto last_unknown = load({.next = false});
  CHECK(last_unknown.unknown_next == flags{0, 1, 0, 1, 0, 1});
  const auto open = load({.next = false, .rewards = false, .dones = {}});
  CHECK((open.size() == 3 && open.rewards == floats{0, 0, 0} && open.terminals == flags{0, 0, 0}));
  Names names;
  for (const auto& warning : open.warnings) names.push_back(warning.name);
  CHECK(names == Names{"pictures-left-out", "no-rewards", "no-dones", "dropped-timeout-rows"});
  // A state that is done before the end does not cut the demonstration.
  const auto inside = load({.dones = {1, 0}});
  CHECK((inside.terminals == flags{1, 0, 1, 0, 1, 0} && inside.timeouts == flags{0, 1, 0, 1, 0, 1}));
  CHECK(inside.episodes.size() == 3);
}

TEST_CASE("robomimic files that do not fit together are refused in one line", "[data][robomimic][hostile]") {
  CHECK_THAT(error({.dones = {0, 3}}), Contains("data/demo_0/dones") && Contains("row 1"));
  CHECK_THAT(error({.dones = {0}}), Contains("data/demo_0/dones") && Contains("1 rows"));
  CHECK_THAT(error({.width_of_last = 3}), Contains("data/demo_10/obs/position") && Contains("(2, 3)"));
  CHECK_THAT(error({.last = std::numeric_limits<float>::quiet_NaN()}),
             Contains("data/demo_0/actions") && Contains("NaN"));
  const support::Folder folder;
  {
    auto file = File::create(folder / "a.h5");
    file.write("data/demo_0/actions", floats{1}, {1, 1});
  }
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "a.h5"); }),
             Contains("data/demo_0/obs") && Contains("dataset_states_to_obs"));
}

TEST_CASE("a list of texts that are all the same bytes of a robomimic file takes memory for each",
          "[data][robomimic][hostile]") {
  const support::Folder folder;
  support::hostile::one_text_many_times(folder / "mask.h5");
  CHECK(std::filesystem::file_size(folder / "mask.h5") < 1'000'000);
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "mask.h5?mask=all", {.bytes = 16 << 20}); }),
             Contains("'mask/all': takes 0.12 MB of memory, after 16") && Contains("more than the 16"));
}
