#include <tessera/io/d3rlpy.hpp>
#include <tessera/sources/load.hpp>

#include <chrono>
#include <limits>
#include <numeric>

#include "helpers/hostile_files.hpp"

using Catch::Contains;
using support::error_of;
using support::FlatFile;
using tessera::Dataset;
using tessera::hdf5::File;

namespace {
/// Rows 0-2 end by time, rows 3-5 by the task; `timeouts` is the field 'episode_terminals' here.
FlatFile two_episodes() {
  FlatFile file(6);
  file.timeouts[2] = file.timeouts[5] = 1;
  file.terminals[5] = 1;
  return file;
}
Dataset read(const FlatFile& flat) {
  const support::Folder folder;
  flat.write(folder / "d.h5", "episode_terminals");
  return tessera::read_d3rlpy(File::open(folder / "d.h5"));
}
using Flags = std::vector<std::uint8_t>;
using Rows = std::vector<std::int64_t>;

/// Sums that an independent reading of the same file has to give: observations weighted by place.
double weighted(const Dataset& data, bool next) {
  double sum = 0;
  for (std::int64_t i = 0; i < data.size(); ++i)
    for (std::int64_t j = 0; j < data.observation_size; ++j)
      sum += double((next ? data.next_observation(i) : data.observation(i))[j]) * double(i % 97 + 1);
  return sum;
}
double mean_return(const Dataset& data) {
  double sum = 0;
  for (const auto& episode : data.episodes) sum += episode.episode_return;
  return sum / double(data.episodes.size());
}
double mean_discounted(const Dataset& data) {
  double sum = 0;
  for (const auto& episode : data.episodes) sum += episode.discounted_return;
  return sum / double(data.episodes.size());
}
std::int64_t rows_of(const Dataset& data) {
  std::int64_t rows = 0;
  for (const auto& episode : data.episodes) rows += episode.rows;
  return rows;
}
}  // namespace

TEST_CASE("a d3rlpy file has no final observations", "[data][d3rlpy]") {
  const auto data = read(two_episodes());
  CHECK(data.format == "d3rlpy-v1");
  CHECK(data.observation_row == Rows{0, 1, 3, 4, 5});
  CHECK(data.next_observation_row == Rows{1, 2, 4, 5, 5});
  CHECK(data.unknown_next == Flags{0, 0, 0, 0, 1});
  CHECK(data.terminals == Flags{0, 0, 0, 0, 1});
  CHECK(data.timeouts == Flags{0, 1, 0, 0, 0});
  CHECK((data.episodes[0].rows == 3 && data.episodes[0].transitions == 2 && data.episodes[0].complete));
  CHECK(data.episodes[0].episode_return == 6);
  REQUIRE(data.warnings.size() == 1);
  CHECK(data.warnings[0].name == "dropped-timeout-rows");
}

TEST_CASE("a terminal written twice in a d3rlpy file is one end", "[data][d3rlpy]") {
  auto flat = two_episodes();
  flat.terminals = {0, 0, 0, 0, 1, 1};
  const auto data = read(flat);
  CHECK(data.terminals == Flags{0, 0, 0, 0, 1});
  CHECK(data.next_observation_row == Rows{1, 2, 4, 5, 5});
  CHECK(data.episodes.size() == 2);
  REQUIRE(data.warnings.size() == 2);
  CHECK(data.warnings[0].name == "doubled-terminal");
  CHECK_THAT(data.warnings[0].message, Contains("1 row, first row 4") && Contains("cleared"));
}

TEST_CASE("any other terminal inside a d3rlpy episode ends it", "[data][d3rlpy]") {
  auto flat = two_episodes();
  SECTION("in the middle") {
    flat.terminals = {0, 0, 0, 1, 0, 1};
    const auto data = read(flat);
    CHECK(data.terminals == Flags{0, 0, 1, 0, 1});
    CHECK(data.next_observation_row == Rows{1, 2, 3, 5, 5});
    REQUIRE(data.episodes.size() == 3);
    CHECK((data.episodes[1].rows == 1 && data.episodes[1].transitions == 1));
    CHECK(data.warnings.at(0).name == "terminal-inside-episode");
    CHECK_THAT(data.warnings[0].message, Contains("first row 3"));
  }
  SECTION("before the end of a time-limited episode") {
    flat.terminals = {0, 1, 0, 0, 0, 1};
    const auto data = read(flat);
    CHECK(data.episodes.size() == 3);
    CHECK(data.observation_row == Rows{0, 1, 3, 4, 5});
    CHECK(data.next_observation_row == Rows{1, 1, 4, 5, 5});
    CHECK(data.warnings.at(0).name == "terminal-inside-episode");
  }
}

TEST_CASE("discrete d3rlpy files", "[data][d3rlpy]") {
  auto flat = two_episodes();
  flat.actions.clear();
  flat.indices = {0, 1, 1, 0, 3, 2};
  const auto data = read(flat);
  CHECK(data.kind == tessera::action_kind::discrete);
  CHECK(data.action_size == 4);
  CHECK(data.action_indices == Rows{0, 1, 0, 3, 2});

  const support::Folder folder;
  const std::uint8_t yes = 1, no = 0;
  const auto with_marker = [&](const FlatFile& file, const std::uint8_t& marker) {
    const auto path = folder / "marked.h5";
    file.write(path, "episode_terminals");
    const tessera::hdf5::Handle open(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    const tessera::hdf5::Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const tessera::hdf5::Handle set(
        H5Dcreate2(open.id(), "discrete_action", H5T_STD_U8LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose);
    H5Dwrite(set.id(), H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, &marker);
    return path;
  };
  CHECK(tessera::read_d3rlpy(File::open(with_marker(flat, yes))).action_size == 4);
  CHECK_THAT(error_of([&] { tessera::read_d3rlpy(File::open(with_marker(flat, no))); }),
             Contains("'actions'") && Contains("rank 1"));
  CHECK_THAT(error_of([&] { tessera::read_d3rlpy(File::open(with_marker(two_episodes(), yes))); }),
             Contains("'actions'") && Contains("element 1") && Contains("whole number"));
}

TEST_CASE("what is wrong with a d3rlpy file is said", "[data][d3rlpy]") {
  auto flat = two_episodes();
  const auto error_in = [](const FlatFile& file) { return error_of([&] { read(file); }); };
  SECTION("lengths") {
    flat.timeouts.pop_back();
    CHECK_THAT(error_in(flat), Contains("'episode_terminals'") && Contains("5 rows") && Contains("'observations'"));
  }
  SECTION("no episode ends") {
    flat.timeouts.clear();
    CHECK_THAT(error_in(flat), Contains("'episode_terminals'") && Contains("missing"));
  }
  SECTION("no rows") {
    const support::Folder folder;
    {
      auto file = File::create(folder / "e.h5");
      for (const char* key : {"rewards", "terminals", "episode_terminals"}) file.write(key, std::vector<float>{});
      file.write("observations", std::vector<float>{}, {0, 2});
      file.write("actions", std::vector<float>{}, {0, 1});
    }
    CHECK_THAT(error_of([&] { tessera::read_d3rlpy(File::open(folder / "e.h5")); }), Contains("0 rows"));
  }
  SECTION("NaN") {
    flat.rewards[4] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THAT(error_in(flat), Contains("'rewards'") && Contains("row 4"));
  }
  SECTION("flags") {
    flat.timeouts[1] = 0.5f;
    CHECK_THAT(error_in(flat), Contains("'episode_terminals'") && Contains("row 1"));
  }
}

TEST_CASE("the published random pendulum file", "[data][d3rlpy][shared]") {
  const auto path = support::shared_file("d3rlpy/pendulum_random_v1.1.0.h5");
  if (path.empty()) return;
  const auto start = std::chrono::steady_clock::now();
  const auto data = tessera::read_d3rlpy(File::open(path));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  CHECK(took.count() < 0.5);  // takes 4 ms; this is only to notice something quadratic
  CHECK((data.size() == 99000 && rows_of(data) == 99500 && data.episodes.size() == 500));
  CHECK((data.observation_size == 3 && data.action_size == 1));
  CHECK(mean_return(data) == Approx(-1223.6241640099133).epsilon(1e-9));
  CHECK(mean_discounted(data) == Approx(-530.3843134178479).epsilon(1e-9));
  CHECK(weighted(data, false) == Approx(-1685127.4816502077).epsilon(1e-9));
  CHECK(weighted(data, true) == Approx(-1673397.682201962).epsilon(1e-9));
  CHECK((data.action_low[0] >= -2 && data.action_high[0] <= 2));
  CHECK(std::accumulate(data.terminals.begin(), data.terminals.end(), 0) == 0);
}

TEST_CASE("the published pendulum replay file", "[data][d3rlpy][shared]") {
  const auto path = support::shared_file("d3rlpy/pendulum_v1.1.0.h5");
  if (path.empty()) return;
  const auto data = tessera::read_d3rlpy(File::open(path));
  CHECK((data.size() == 99000 && data.episodes.size() == 500));
  CHECK(mean_return(data) == Approx(-180.48079212503058).epsilon(1e-9));
  CHECK(weighted(data, true) == Approx(3537149.3332962776).epsilon(1e-9));
}

TEST_CASE("the published cart pole file and its doubled terminals", "[data][d3rlpy][shared]") {
  const auto path = support::shared_file("d3rlpy/cartpole_v1.1.0.h5");
  if (path.empty()) return;
  const auto data = tessera::read_d3rlpy(File::open(path));
  CHECK((data.size() == 99732 && rows_of(data) == 99866 && data.episodes.size() == 1582));
  CHECK((data.kind == tessera::action_kind::discrete && data.action_size == 2 && data.observation_size == 4));
  CHECK(mean_return(data) == Approx(63.126422250316054).epsilon(1e-9));
  CHECK(mean_discounted(data) == Approx(39.08796569511185).epsilon(1e-9));
  CHECK(weighted(data, false) == Approx(-605244.8477913962).epsilon(1e-9));
  CHECK(weighted(data, true) == Approx(-624030.2909971008).epsilon(1e-9));
  CHECK(std::accumulate(data.terminals.begin(), data.terminals.end(), 0) == 1448);
  REQUIRE(data.warnings.size() == 2);
  CHECK(data.warnings[0].name == "doubled-terminal");
  CHECK_THAT(data.warnings[0].message, Contains("1448 rows, first row 33"));
  CHECK_THAT(data.warnings[1].message, Contains("134 rows"));
}

namespace {
// Two episodes of version 2.1: one cut after 3 steps, one terminated after 2.
struct Dumped {
  bool discrete = false, parts = false;
  std::int64_t episodes = 2;
  std::string leave_out = {};
  std::vector<float> first_rewards = {1, 2, 3};

  void write(const std::string& path) const {
    auto file = File::create(path);
    const auto put = [&](const std::string& key, const auto& values, const std::vector<std::int64_t>& shape) {
      if (key != leave_out) file.write(key, values, shape);
    };
    put("num_episodes", std::vector<std::int64_t>{episodes}, {});
    file.write_string("version", "2.1");
    const std::vector<std::vector<float>> x = {{0, 10, 1, 11, 2, 12}, {5, 15, 6, 16}};
    for (std::size_t e = 0; e < 2; ++e) {
      const auto id = std::to_string(e);
      const auto steps = std::int64_t(x[e].size()) / 2;
      if (parts) {
        std::vector<std::int64_t> mode;
        for (std::int64_t t = 0; t < steps; ++t) mode.push_back(7 + t);
        put("observations_" + id + "_0", x[e], {steps, 2}), put("observations_" + id + "_1", mode, {steps, 1});
      } else {
        put("observations_" + id, x[e], {steps, 2});
      }
      if (discrete)
        put("actions_" + id, std::vector<std::int64_t>(std::size_t(steps), 3 * std::int64_t(e)), {steps, 1});
      else put("actions_" + id, std::vector<float>(std::size_t(steps), 0.5f - float(e)), {steps, 1});
      const auto rewards = e == 0 ? first_rewards : std::vector<float>{4, 5};
      put("rewards_" + id, rewards, {std::int64_t(rewards.size()), 1});
      put("terminated_" + id, std::vector<std::uint8_t>{std::uint8_t(e)}, {});
    }
    file.close();
  }
};
tessera::Dataset dumped(const Dumped& what) {
  const support::Folder folder;
  what.write(folder / "v2.h5");
  return tessera::load_dataset(folder / "v2.h5");
}
}  // namespace

TEST_CASE("d3rlpy 2.1: one set of arrays for each episode", "[data][d3rlpy]") {
  const auto data = dumped({});
  CHECK(data.format == "d3rlpy-v2");
  // The third step of the first episode led to a state that is not in the file; that of the second ended the task.
  CHECK(data.rewards == std::vector<float>{1, 2, 4, 5});
  CHECK(data.actions == std::vector<float>{0.5f, 0.5f, -0.5f, -0.5f});
  CHECK((data.next_observation(1)[0] == 2 && data.next_observation(2)[1] == 16));
  CHECK((data.knows_next(2) && !data.knows_next(3)));
  CHECK(data.terminals == std::vector<std::uint8_t>{0, 0, 0, 1});
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 1, 0, 0});
  REQUIRE(data.warnings.size() == 1);
  CHECK_THAT(data.warnings[0].message, Contains("1 row, first row 2"));
  CHECK((data.episodes[0].rows == 3 && data.episodes[0].episode_return == 6));

  const auto discrete = dumped({.discrete = true});
  CHECK((discrete.kind == tessera::action_kind::discrete && discrete.action_size == 4));
  CHECK(discrete.action_indices == std::vector<std::int64_t>{0, 0, 3, 3});

  const auto parts = dumped({.parts = true});
  CHECK(parts.spaces.observation_names == std::vector<std::string>{"0[0]", "0[1]", "1"});
  CHECK((parts.observation(1)[0] == 1 && parts.observation(1)[1] == 11 && parts.observation(1)[2] == 8));
}

TEST_CASE("d3rlpy 2.1: what does not fit together is named", "[data][d3rlpy]") {
  const auto error = [](const Dumped& what) { return error_of([&] { dumped(what); }); };
  CHECK_THAT(error({.episodes = 3}), Contains("rewards_2") && Contains("is missing"));
  CHECK_THAT(error({.episodes = 1'000'000}), Contains("num_episodes") && Contains("1000000"));
  CHECK_THAT(error({.leave_out = "actions_1"}), Contains("actions_1") && Contains("is missing"));
  CHECK_THAT(error({.leave_out = "observations_0"}), Contains("observations_0") && Contains("is missing"));
  CHECK_THAT(error({.first_rewards = {1, 2}}), Contains("observations_0") && Contains("2 rows of 2"));
}

TEST_CASE("d3rlpy 2.1: episodes that are all the same bytes of the file take memory each", "[data][d3rlpy][hostile]") {
  const support::Folder folder;
  support::hostile::one_episode_many_times(folder / "many.h5");
  CHECK(std::filesystem::file_size(folder / "many.h5") < 200'000);
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "many.h5", {.bytes = 32 << 20}); }),
             Contains("'observations_5': takes 6.00 MB of memory, after 30.00 MB before it"));
}

TEST_CASE("pictures of d3rlpy files become vectors while they are small", "[data][d3rlpy]") {
  const support::Folder folder;
  const auto write = [&](std::int64_t side) {
    auto file = File::create(folder / "p.h5");
    file.write("observations", std::vector<std::uint8_t>(std::size_t(3 * side * side), 9), {3, 1, side, side});
    file.write("actions", std::vector<std::int64_t>{0, 1, 0}), file.write("rewards", std::vector<float>{1, 2, 3});
    file.write("terminals", std::vector<float>{0, 0, 1}), file.write("episode_terminals", std::vector<float>{0, 0, 1});
    file.close();
  };
  write(3);
  const auto data = tessera::load_dataset(folder / "p.h5");
  CHECK((data.observation_size == 9 && data.observation(2)[8] == 9));
  CHECK(data.warnings[0].name == "flattened-observations");
  write(101);
  CHECK_THAT(error_of([&] { tessera::load_dataset(folder / "p.h5"); }),
             Contains("'observations'") && Contains("(3, 1, 101, 101)") && Contains("pictures"));
}
