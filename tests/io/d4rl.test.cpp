#include <tessera/io/d4rl.hpp>

#include <limits>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using support::FlatFile;
using tessera::Dataset;
using tessera::hdf5::File;

namespace {
/// Rows 0-2 end by time, rows 3-5 by the task.
FlatFile two_episodes() {
  FlatFile file(6);
  file.timeouts[2] = 1;
  file.terminals[5] = 1;
  return file;
}
Dataset read(const FlatFile& flat) {
  const support::Folder folder;
  flat.write(folder / "d.h5");
  return tessera::read_d4rl(File::open(folder / "d.h5"));
}
std::string error_in(const FlatFile& flat) {
  const auto error = error_of([&] { read(flat); });
  CHECK_THAT(error, Contains("d.h5"));
  CHECK(error.find('\n') == std::string::npos);
  return error;
}
std::vector<std::string> names(const Dataset& data) {
  std::vector<std::string> all;
  for (const auto& warning : data.warnings) all.push_back(warning.name);
  return all;
}
using Names = std::vector<std::string>;
using Flags = std::vector<std::uint8_t>;
using Rows = std::vector<std::int64_t>;
}  // namespace

TEST_CASE("a D4RL file with next observations gives every row", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.add_next();
  const auto data = read(flat);
  CHECK(data.format == "d4rl");
  CHECK(data.size() == 6);
  CHECK((data.observation_size == 2 && data.action_size == 1));
  CHECK(data.observations.size() == 2 * 8);
  CHECK(data.next_observation_row == Rows{1, 2, 6, 4, 5, 7});
  CHECK((data.next_observation(2)[0] == 102 && data.next_observation(5)[0] == 105));
  CHECK(data.terminals == Flags{0, 0, 0, 0, 0, 1});
  CHECK(data.timeouts == Flags{0, 0, 1, 0, 0, 0});
  CHECK(data.episodes.size() == 2);
  CHECK(data.unknown_next.empty());
  CHECK(data.warnings.empty());
}

TEST_CASE("a D4RL file without next observations drops what was cut", "[data][d4rl]") {
  const auto data = read(two_episodes());
  CHECK(data.observation_row == Rows{0, 1, 3, 4, 5});
  CHECK(data.next_observation_row == Rows{1, 2, 4, 5, 5});
  CHECK(data.unknown_next == Flags{0, 0, 0, 0, 1});
  CHECK(names(data) == Names{"dropped-timeout-rows"});
}

TEST_CASE("the row after a D4RL terminal is never its next observation", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.terminals = {0, 1, 0, 0, 0, 1};
  flat.timeouts = {0, 0, 0, 0, 0, 0};
  const auto data = read(flat);
  CHECK(data.next_observation_row == Rows{1, 1, 3, 4, 5, 5});
  CHECK(data.warnings.empty());
}

TEST_CASE("D4RL columns may have shape (N, 1)", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.as_columns = true;
  const auto data = read(flat);
  CHECK(data.rewards == std::vector<float>{1, 2, 4, 5, 6});
  CHECK(data.terminals == Flags{0, 0, 0, 0, 1});
}

TEST_CASE("D4RL files without timeouts", "[data][d4rl]") {
  SECTION("ends are found from jumps") {
    auto flat = two_episodes();
    flat.add_next();
    flat.timeouts.clear();
    const auto data = read(flat);
    CHECK(names(data) == Names{"no-timeouts", "unmarked-end"});
    CHECK_THAT(data.warnings[0].message, Contains("'timeouts' is missing") && Contains("jumps"));
    CHECK_THAT(data.warnings[1].message, Contains("1 row, first row 2"));
    CHECK(data.timeouts == Flags{0, 0, 1, 0, 0, 0});
    CHECK(data.episodes.size() == 2);
  }
  SECTION("or from terminals alone") {
    auto flat = two_episodes();
    flat.timeouts.clear();
    const auto data = read(flat);
    CHECK(names(data) == Names{"no-timeouts"});
    CHECK_THAT(data.warnings[0].message, Contains("joined"));
    CHECK(data.episodes.size() == 1);
    CHECK(data.next_observation_row == Rows{1, 2, 3, 4, 5, 5});
  }
}

TEST_CASE("a time limit cuts D4RL files without timeouts", "[data][d4rl]") {
  const support::Folder folder;
  support::FlatFile flat(7);
  flat.terminals[1] = 1;
  flat.timeouts.clear();
  flat.write(folder / "log.h5");
  const auto data = tessera::read_d4rl(tessera::hdf5::File::open(folder / "log.h5"), {.horizon = 3});
  // Rows 0 and 1 end by the terminal; 2 to 4 are three; 5 and 6 break off.  What row 4 led to is not in the file.
  REQUIRE(data.episodes.size() == 3);
  CHECK((data.episodes[0].rows == 2 && data.episodes[1].rows == 3 && data.episodes[2].rows == 2));
  CHECK((data.episodes[1].complete && !data.episodes[2].complete));
  CHECK(data.rewards == std::vector<float>{1, 2, 3, 4, 6});
  CHECK(names(data) == Names{"dropped-last-row", "dropped-timeout-rows"});
  flat.timeouts.assign(7, 0);
  flat.write(folder / "log.h5");
  CHECK_THAT(
      support::error_of([&] { tessera::read_d4rl(tessera::hdf5::File::open(folder / "log.h5"), {.horizon = 3}); }),
      Contains("'timeouts'") && Contains("leave out horizon"));
}

TEST_CASE("unmarked and doubly marked ends of D4RL files are reported", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.add_next();
  flat.timeouts = {0, 0, 0, 0, 0, 1};
  const auto data = read(flat);
  CHECK(names(data) == Names{"terminal-and-timeout", "unmarked-end"});
  CHECK(data.terminals == Flags{0, 0, 0, 0, 0, 1});
  CHECK(data.timeouts == Flags{0, 0, 1, 0, 0, 0});

  auto moved = two_episodes();
  moved.add_next();
  moved.next_observations[8] = std::nextafter(moved.next_observations[8], 10.f);
  const auto close = read(moved);
  CHECK(close.warnings.empty());
  CHECK(close.observations.size() == 2 * 9);
}

TEST_CASE("NaN after the end of the task is never used, and the D4RL row is", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.add_next();
  flat.next_observations[10] = flat.next_observations[11] = std::numeric_limits<float>::quiet_NaN();
  const auto data = read(flat);
  CHECK(data.size() == 6);
  CHECK(names(data) == Names{"unknown-next"});
  CHECK_THAT(data.warnings[0].message, Contains("NaN") && Contains("1 row, first row 5"));
  CHECK(data.next_observation_row == Rows{1, 2, 6, 4, 5, 5});
  CHECK(data.unknown_next == Flags{0, 0, 0, 0, 0, 1});
}

TEST_CASE("jumps of D4RL files are found in columns of any unit", "[data][d4rl]") {
  for (const float unit : {1e-6f, 1.0f, 1e6f}) {
    CAPTURE(unit);
    auto flat = two_episodes();
    flat.add_next();
    flat.timeouts.clear();
    for (auto* values : {&flat.observations, &flat.next_observations})
      for (float& x : *values) x *= unit;
    flat.next_observations[2] = std::nextafter(flat.next_observations[2], 0.f);
    CHECK(read(flat).timeouts == Flags{0, 0, 1, 0, 0, 0});
  }
}

TEST_CASE("a D4RL file may end inside an episode", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.terminals[5] = 0;
  CHECK(names(read(flat)) == Names{"dropped-last-row", "dropped-timeout-rows"});
  flat.add_next();
  const auto data = read(flat);
  CHECK(data.size() == 6);
  CHECK((data.warnings.empty() && !data.episodes[1].complete && data.timeouts[5] == 1));
}

TEST_CASE("integer actions of D4RL files are indices", "[data][d4rl]") {
  auto flat = two_episodes();
  flat.actions.clear();
  flat.indices = {0, 2, 1, 0, 0, 1};
  const auto data = read(flat);
  CHECK((data.kind == tessera::action_kind::discrete && data.action_size == 3));
  CHECK(data.action_indices == Rows{0, 2, 0, 0, 1});
  flat.indices[4] = -1;
  CHECK_THAT(error_in(flat), Contains("'actions'") && Contains("row 4") && Contains("-1"));
  flat.indices[4] = 1'000'000;
  CHECK_THAT(error_in(flat), Contains("'actions'") && Contains("1000000"));
}

TEST_CASE("other keys of D4RL files are ignored, booleans are flags", "[data][d4rl]") {
  const support::Folder folder;
  two_episodes().write(folder / "d.h5");
  {
    using tessera::hdf5::Handle;
    const Handle file(H5Fopen((folder / "d.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    H5Ldelete(file.id(), "terminals", H5P_DEFAULT);
    const Handle boolean(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
    const std::int8_t values[] = {0, 1, 0, 0, 0, 1};
    H5Tenum_insert(boolean.id(), "FALSE", &values[0]);
    H5Tenum_insert(boolean.id(), "TRUE", &values[1]);
    const hsize_t count = 6;
    const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Handle flags(
        H5Dcreate2(file.id(), "terminals", boolean.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Dclose);
    H5Dwrite(flags.id(), boolean.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    const Handle group(H5Gcreate2(file.id(), "infos", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    H5Gclose(H5Gcreate2(file.id(), "metadata", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    const hsize_t two = 2;
    const Handle other(H5Screate_simple(1, &two, nullptr), H5Sclose);
    H5Dclose(H5Dcreate2(group.id(), "qpos", H5T_IEEE_F32LE, other.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  const auto data = tessera::read_d4rl(File::open(folder / "d.h5"));
  CHECK(data.terminals == Flags{0, 1, 0, 0, 1});
  CHECK(data.episodes.size() == 3);
}

TEST_CASE("what is wrong with a D4RL file is said", "[data][d4rl]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  auto flat = two_episodes();
  SECTION("lengths") {
    flat.rewards.pop_back();
    CHECK_THAT(error_in(flat), Contains("'rewards'") && Contains("5 rows") && Contains("'observations' has 6"));
  }
  SECTION("next observations of another length") {
    flat.add_next();
    flat.next_observations.resize(10);
    CHECK_THAT(error_in(flat), Contains("'next_observations'") && Contains("5 rows") && Contains("6"));
  }
  SECTION("a missing field") {
    flat.terminals.clear();
    CHECK_THAT(error_in(flat), Contains("'terminals'") && Contains("missing") && Contains("D4RL"));
  }
  SECTION("no rows") { CHECK_THAT(error_in(FlatFile(0)), Contains("0 rows") && Contains("empty")); }
  SECTION("flags") {
    flat.timeouts[3] = 2;
    CHECK_THAT(error_in(flat), Contains("'timeouts'") && Contains("row 3") && Contains("0 or 1"));
  }
  SECTION("NaN in observations") {
    flat.observations[7] = flat.observations[9] = nan;
    CHECK_THAT(error_in(flat), Contains("'observations'") && Contains("2 values") && Contains("row 3"));
  }
  SECTION("NaN in next observations") {
    flat.add_next();
    flat.next_observations[4] = nan;
    CHECK_THAT(error_in(flat), Contains("'next_observations'") && Contains("row 2"));
  }
  SECTION("NaN in next observations of a cut row, beside one that is never used") {
    flat.add_next();
    flat.next_observations[5] = flat.next_observations[11] = nan;
    CHECK_THAT(error_in(flat), Contains("'next_observations'") && Contains("1 values") && Contains("row 2"));
  }
  SECTION("infinite next observations") {
    flat.add_next();
    flat.next_observations[11] = std::numeric_limits<float>::infinity();
    CHECK_THAT(error_in(flat), Contains("'next_observations'") && Contains("row 5"));
  }
  SECTION("infinite actions") {
    flat.actions[1] = std::numeric_limits<float>::infinity();
    CHECK_THAT(error_in(flat), Contains("'actions'") && Contains("1 values") && Contains("row 1"));
  }
  SECTION("NaN in rewards") {
    flat.rewards[5] = nan;
    CHECK_THAT(error_in(flat), Contains("'rewards'") && Contains("row 5"));
  }
  SECTION("widths") {
    const support::Folder folder;
    flat.write(folder / "d.h5");
    {
      using tessera::hdf5::Handle;
      const Handle file(H5Fopen((folder / "d.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
      const hsize_t shape[] = {6, 3};
      const Handle space(H5Screate_simple(2, shape, nullptr), H5Sclose);
      const Handle data(
          H5Dcreate2(file.id(), "next_observations", H5T_IEEE_F32LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
          H5Dclose);
      const std::vector<float> values(18);
      H5Dwrite(data.id(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    }
    CHECK_THAT(error_of([&] { tessera::read_d4rl(File::open(folder / "d.h5")); }),
               Contains("'next_observations'") && Contains("(6, 3)") && Contains("(6, 2)"));
  }
}

TEST_CASE("written rows are read back equal", "[data][d4rl]") {
  tessera::FlatRows rows;
  rows.observation_size = 2, rows.action_size = 3;
  rows.observations = {0, 1, 2, 3, 4, 5, 6, 7}, rows.next_observations = {2, 3, 8, 9, 6, 7, 1e-30f, -1};
  rows.actions = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0.1f, 0.2f, 0.3f}, rows.rewards = {1, -2, 3e20f, 0};
  rows.terminals = {0, 1, 0, 0}, rows.timeouts = {0, 0, 0, 1};
  const auto same = [](const Dataset& a, const Dataset& b) {
    return a.kind == b.kind && a.action_size == b.action_size && a.observations == b.observations &&
           a.observation_row == b.observation_row && a.next_observation_row == b.next_observation_row &&
           a.actions == b.actions && a.action_indices == b.action_indices && a.rewards == b.rewards &&
           a.terminals == b.terminals && a.timeouts == b.timeouts && a.unknown_next == b.unknown_next &&
           a.episodes.size() == b.episodes.size() && a.warnings.size() == b.warnings.size();
  };
  const support::Folder folder;
  const auto path = folder / "w.h5";
  tessera::write_d4rl(path, rows);
  const auto back = tessera::read_d4rl(File::open(path));
  CHECK(same(back, tessera::assemble(rows)));
  CHECK((back.size() == 4 && back.warnings.empty() && back.next_observation(1)[1] == 9));
  CHECK((back.terminals == Flags{0, 1, 0, 0} && back.timeouts == Flags{0, 0, 0, 1}));

  // Indices, without next observations, over a file that is there.
  rows.kind = tessera::action_kind::discrete, rows.action_indices = {2, 0, 1, 2};
  rows.actions.clear(), rows.next_observations.clear();
  tessera::write_d4rl(path, rows);
  const auto discrete = tessera::read_d4rl(File::open(path));
  CHECK(same(discrete, tessera::assemble(rows)));
  CHECK((discrete.kind == tessera::action_kind::discrete && discrete.action_indices == Rows{2, 0, 1}));

  rows.next_unknown = {0, 1, 0, 0};
  CHECK_THAT(error_of([&] { tessera::write_d4rl(path, rows); }), Contains("w.h5") && Contains("leave them out"));
  CHECK_THAT(error_of([&] { tessera::write_d4rl(folder / "none/w.h5", rows); }), Contains("none/w.h5"));
}
