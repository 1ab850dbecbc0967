#include <tessera/sources/write.hpp>

#include "helpers/data_sets.hpp"
#include "helpers/files.hpp"
#include "helpers/npz.hpp"
#include "helpers/tables.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <set>
#include <tuple>

#include <tessera/dataset/content_hash.hpp>
#include <tessera/sources/load.hpp>
#include <tessera/support/random.hpp>

using Catch::Contains;
using support::ends;
using support::error_of;
using tessera::action_kind;
using tessera::Dataset;

namespace {
namespace fs = std::filesystem;
// The number of transitions, in a file.
struct Count {
  static constexpr const char *name = "count", *endings = ".count,.n.csv";
  static void write(const std::string& path, const Dataset& data) {
    support::write_bytes(path, std::to_string(data.size()));
  }
};
struct Registered {
  Registered() { tessera::dataset_writers().push_back(tessera::detail::writer_of<Count>()); }
  ~Registered() { tessera::dataset_writers().pop_back(); }
};
static_assert(tessera::WritesDatasets<Count>);

Dataset some() { return support::made_data(action_kind::continuous, {ends::terminated, ends::truncated}); }
}  // namespace

TEST_CASE("the ending says which format", "[data][write]") {
  using tessera::find_writer;
  for (const auto& [path, name] : {std::pair{"a.hdf5", "d4rl"},
                                   {"a.h5", "d3rlpy"},
                                   {"a.npz", "ogbench"},
                                   {"b/a.csv", "csv"},
                                   {"a-v0/", "minari"},
                                   {"a.store", "store"},
                                   {"a.store/", "store"}})
    CHECK(find_writer(path).name == name);
  CHECK(find_writer("a.hdf5", {.to = "minari"}).name == "minari");
  for (const char* path : {"a", "a.pdf", ".csv", ""})
    CHECK_THAT(error_of([&] { find_writer(path); }), Contains("--to") && Contains("csv (.csv)"));
  CHECK_THAT(error_of([] { find_writer("a.csv", {.to = "minary"}); }), Contains("did you mean 'minari'"));
}

TEST_CASE("programs add writers of their own", "[data][write]") {
  const support::Folder folder;
  const Registered registered;
  const auto data = some();
  CHECK(tessera::write_dataset(folder / "a.count", data).empty());
  CHECK(support::bytes_of(folder / "a.count") == std::to_string(data.size()));
  CHECK(tessera::find_writer("a.n.csv").name == "count");  // the longer ending
  CHECK(tessera::find_writer("a.csv").name == "csv");
  const Registered again;
  CHECK_THAT(error_of([&] { tessera::write_dataset(folder / "b.csv", data); }), Contains("two writers called 'count'"));
}

TEST_CASE("what is there is replaced only when asked, and only by its like", "[data][write]") {
  const support::Folder folder;
  const auto data = some();
  for (const char* name : {"a.hdf5", "a.h5", "a.npz", "a.csv", "a-v0/", "a.store"}) {
    INFO(name);
    const auto path = folder / name;
    tessera::write_dataset(path, data);
    const auto count = folder.files();
    CHECK_THAT(error_of([&] { tessera::write_dataset(path, data); }), Contains("is there already"));
    tessera::write_dataset(path, data, {.overwrite = true});
    CHECK(folder.files() == count);
  }
  const auto refused = [&](const std::string& path, const std::string& to) {
    return error_of([&] { tessera::write_dataset(path, data, {.to = to, .overwrite = true}); });
  };
  fs::create_directories(folder / "precious/data");
  support::write_bytes(folder / "precious/data/metadata.json", "{}");
  support::write_bytes(folder / "precious/data/photo.png", "?");
  CHECK_THAT(refused(folder / "precious", "minari"), Contains("holds other things"));
  CHECK(fs::exists(folder / "precious/data/photo.png"));
  CHECK_THAT(refused(folder / "precious", "csv"), Contains("is a folder"));
  CHECK_THAT(refused(folder / "a.csv/", "csv"), Contains("is written as a file"));
  CHECK_THAT(refused(folder / "a.csv", "minari"), Contains("is a file"));
  CHECK_THAT(refused(folder / "none/a.csv", ""), Contains("does not exist"));
  fs::create_directory(folder / "empty");
  CHECK(refused(folder / "empty", "minari") == "(no error)");
}

TEST_CASE("unsound data are not written", "[data][write]") {
  const support::Folder folder;
  auto data = some();
  data.rewards[0] = NAN;
  for (const char* name : {"a.hdf5", "a.h5", "a.npz", "a.csv", "a-v0/", "a.store"})
    CHECK_THAT(error_of([&] { tessera::write_dataset(folder / name, data); }), Contains("rewards is NaN in row 0"));
  CHECK(folder.files() == 0);
}

namespace {
// A data set read with little memory: how many pieces were handed over before the rest.
std::int64_t pieces_of(const std::string& source, std::uint64_t memory) {
  std::int64_t pieces = 0;
  tessera::load_dataset(source, {.bytes = memory, .hand_over = [&](const Dataset& piece) {
                                   ++pieces;
                                   REQUIRE(piece.size() > 0);
                                 }});
  return pieces;
}
// Streams it into a store with so little memory that there are at least `pieces`, which holds what it has in memory.
void check_streamed(const std::string& source, std::uint64_t memory, std::int64_t pieces) {
  INFO(source);
  const support::Folder folder;
  const auto whole = tessera::load_dataset(source);
  CHECK(pieces_of(source, memory) >= pieces);
  const auto rest = tessera::stream_to_store(folder / "a.store", source, {.bytes = memory});
  const auto streamed = tessera::load_dataset(folder / "a.store");
  CHECK(support::difference(whole, streamed) == "");
  CHECK(tessera::content_hash(whole) == tessera::content_hash(streamed));
  CHECK(whole.spaces.observation_names == streamed.spaces.observation_names);
  CHECK(whole.spaces.action_names == streamed.spaces.action_names);
  CHECK(whole.spaces.first_action == streamed.spaces.first_action);
  CHECK(whole.propensities == streamed.propensities);
  CHECK(whole.limits_from == streamed.limits_from);
  CHECK(whole.action_low == streamed.action_low);
  CHECK(whole.action_high == streamed.action_high);
  CHECK(whole.task.environment == streamed.task.environment);
  CHECK(rest.name == whole.name);
  // The same findings, though not every row of each.
  const auto names = [](const Dataset& data) {
    std::set<std::string> out;
    for (const auto& w : data.warnings) out.insert(w.name);
    return out;
  };
  CHECK(names(rest) == names(whole));
}
}  // namespace

TEST_CASE("a store of a file that is larger than memory is that of the file", "[data][write]") {
  const support::Folder folder;
  using enum ends;
  for (const auto kind : {action_kind::continuous, action_kind::discrete}) {
    std::vector<support::ends> which;
    for (int i = 0; i < 400; ++i) which.push_back(i % 3 == 0 ? truncated : terminated);
    const auto data = support::made_data(kind, which);
    for (const char* name : {"a.hdf5", "a-v0/"}) {
      tessera::write_dataset(folder / name, data, {.overwrite = true});
      check_streamed(folder / name, 40'000, 5);
    }
    for (auto& each : which) each = each == truncated ? truncated : terminated_unknown;
    tessera::write_dataset(folder / "a.h5", support::made_data(kind, which), {.overwrite = true});
    check_streamed(folder / "a.h5", 40'000, 5);
  }
}

namespace {
// A walk of small steps in episodes of 20 rows that end in turn by a terminal and by a timeout, each from a new place.
support::FlatFile walk_file(std::int64_t rows) {
  support::FlatFile file(rows);
  tessera::Random random(7);
  std::vector<float> at(2), to(2);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto k = std::size_t(i);
    if (i % 20 == 0) at = {float(random.uniform(5, 50)), float(random.uniform(5, 50))};
    for (std::size_t j = 0; j < 2; ++j) {
      to[j] = at[j] + float(random.uniform(-0.1, 0.1));
      file.observations[2 * k + j] = at[j], file.next_observations.push_back(to[j]);
    }
    if (i % 20 == 19) (i % 40 == 19 ? file.terminals : file.timeouts)[k] = 1;
    at = to;
  }
  return file;
}
}  // namespace

TEST_CASE("what all rows decide is decided before pieces are read", "[data][write]") {
  const support::Folder folder;
  const auto rows = 4000;
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  // What stands at the terminals instead of where they led; in the first half of the file there are none of them.
  for (const std::string stand_in : {"nothing", "own", "zero", "below", "nan", "unmarked"}) {
    auto file = walk_file(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      if (i < rows / 2 && file.terminals[i] != 0) file.terminals[i] = 0, file.timeouts[i] = 1;
      if (stand_in == "unmarked" && i % 200 == 39) file.timeouts[i] = 0;  // a jump without a mark
      if (file.terminals[i] == 0) continue;
      for (std::size_t j = 0; j < 2; ++j) {
        auto& x = file.next_observations[2 * i + j];
        if (stand_in == "own") x = file.observations[2 * i + j];
        if (stand_in == "zero") x = 0;
        if (stand_in == "below") x = file.observations[2 * i + 2 + j];
        if (stand_in == "nan" && i % 80 == 19) x = nan;
      }
    }
    file.write(folder / "a.hdf5");
    INFO(stand_in);
    check_streamed(folder / "a.hdf5", 50'000, 10);
    const auto data = tessera::load_dataset(folder / "a.hdf5");
    const auto unknown = std::count(data.unknown_next.begin(), data.unknown_next.end(), 1);
    CHECK(unknown == (stand_in == "nan" ? 25 : stand_in == "nothing" || stand_in == "unmarked" ? 0 : 50));
    file.timeouts.clear();  // and without timeouts: the jumps are the ends
    file.write(folder / "b.hdf5");
    CHECK_THAT(error_of([&] { pieces_of(folder / "b.hdf5", 50'000); }),
               Contains("the episode of rows 0 to 2019 takes"));
    check_streamed(folder / "b.hdf5", 200'000, 1);
  }
  // Episodes that give no transition, in pieces of their own.
  support::FlatFile alone(300);
  for (auto& each : alone.timeouts) each = 1;
  for (std::size_t i = 100; i < 120; ++i) alone.timeouts[i] = 0;
  alone.timeouts[119] = 1;
  alone.write(folder / "c.hdf5");
  const auto whole = tessera::load_dataset(folder / "c.hdf5");
  tessera::stream_to_store(folder / "c.store", folder / "c.hdf5", {.bytes = 4'000});
  CHECK(support::difference(whole, tessera::load_dataset(folder / "c.store")) == "");
  CHECK(whole.episodes.size() == 281);
}

namespace {
// A table of 12 000 rows in 2 000 episodes, and what is odd in it.
struct Table {
  bool names = false;       // episodes and actions are texts, steps are dates; one episode's name is a number
  bool next = false;        // with next columns; at the ends these are the first of the next episode
  bool marks_only = false;  // without the columns of episode and step
  bool missing = false;
  bool late = false;  // the last row has an action that none before has
  bool swapped = false;
  bool propensities = false;

  void write(const std::string& path) const {
    tessera::Random random(3);
    std::string text = std::string(marks_only ? "" : "id,t,") + "x_0,x_1," + (next ? "next_x_0,next_x_1," : "") +
                       "dose,r,terminated,truncated" + (propensities ? ",p" : "") + "\n";
    const auto number = [](double x) {
      char out[32];
      std::snprintf(out, sizeof out, "%.5f", x);
      return std::string(out);
    };
    for (int e = 0; e < 2000; ++e) {
      double x = random.uniform(0, 100), y = random.uniform(0, 100);
      for (int t = 0; t < 6; ++t) {
        const bool end = t == 5, last = end && e == 1999;
        const int at = swapped && e == 1500 ? 5 - t : t;
        if (!marks_only && names) {
          text += (e == 3 ? std::string("3") : "p" + std::to_string(e)) + ",2020-01-0" + std::to_string(1 + at) + ",";
        } else if (!marks_only) {
          text += std::to_string(5000 - e) + "," + std::to_string(at) + ",";
        }
        text += (missing && random.below(50) == 0 ? std::string() : number(x)) + "," + number(y) + ",";
        x += random.uniform(0.1, 0.2), y -= random.uniform(0.1, 0.2);
        if (next && end && e % 2 == 0) text += number(0) + "," + number(0) + ",";  // a placeholder
        else if (next) text += number(x) + "," + number(y) + ",";
        const auto action = late && last ? 9 : int(random.below(3));
        text +=
            (names ? "drug" + std::to_string(action) : std::to_string(action)) + "," + number(random.uniform(-1, 1));
        text += std::string(",") + (end && e % 2 == 0 ? "1" : "0") + "," + (end && e % 2 == 1 ? "1" : "0") +
                (propensities ? "," + number(random.uniform(0.1, 1)) : "") + "\n";
      }
    }
    support::write_bytes(path, text);
  }
  std::string mapping() const {
    return std::string("?columns=") + (marks_only ? "" : "episode=id,step=t,") + "observation=x_0:x_1," +
           (next ? "next=next_," : "") + "action=dose,reward=r,terminated=terminated,truncated=truncated" +
           (propensities ? ",propensity=p" : "");
  }
};
}  // namespace

TEST_CASE("tables are streamed as they are read", "[data][write]") {
  const support::Folder folder;
  const auto path = folder / "a.csv";
  constexpr std::uint64_t memory = 2'000'000;
  for (const auto& table : {Table{}, Table{.late = true}, Table{.names = true, .late = true}, Table{.marks_only = true},
                            Table{.next = true}, Table{.next = true, .marks_only = true}, Table{.propensities = true},
                            Table{.next = true, .propensities = true}}) {
    table.write(path);
    check_streamed(path + table.mapping(), memory, 5);
  }
  const Table holes{.missing = true};
  holes.write(path);
  for (const char* rule : {"mean", "previous,mean", "previous,-1", "drop-episode"})
    check_streamed(path + holes.mapping() + "&missing=" + rule, memory, 5);
  CHECK_THAT(error_of([&] { pieces_of(path + holes.mapping(), memory); }),
             Contains("the value is missing") && Contains("column 'x_0', row "));

  const Table swapped{.swapped = true};
  swapped.write(path);
  CHECK_THAT(error_of([&] { pieces_of(path + swapped.mapping(), memory); }),
             Contains("row 9001 is out of the order of episode and step") && Contains("sort the file"));
  check_streamed(path + swapped.mapping(), 200'000'000, 0);  // all of it fits
  CHECK_THAT(error_of([&] { pieces_of(path + Table{}.mapping() + "&actions=continuous", memory); }),
             Contains("is read whole, not in pieces"));
}

TEST_CASE("Parquet tables are streamed as they are read", "[data][write]") {
  if (!support::has_arrow()) return;
  const std::string ends = ",reward=reward,terminated=terminated,truncated=truncated",
                    swing = "?columns=episode=episode,step=t,observation=cos_theta:sin_theta:theta_dot,action=torque" +
                            ends,
                    cart = "?columns=episode=episode,step=t,observation=x:x_dot:angle:angle_dot,action=action" + ends;
  for (const auto& [name, options] : {std::pair{"a-snappy.parquet", swing},
                                      {"a-snappy.parquet", swing + ",next=next_"},
                                      {"a-gzip-v2pages.parquet", cart + ",next=next_"},
                                      {"d-string-actions-zstd.parquet", cart},
                                      {"k-list-columns.parquet", ""}})
    if (const auto path = support::shared_file("formats/tables/" + std::string(name)); !path.empty())
      check_streamed(path + options, 200'000, 2);
}

TEST_CASE("published files are streamed as they are read", "[data][write]") {
  for (const auto& [name, memory, pieces] : {std::tuple{"formats/d4rl/hopper-f64-n1-uint8.hdf5", 300'000, 2},
                                             {"formats/d4rl/hopper-float-flags-contiguous.hdf5", 300'000, 2},
                                             {"formats/d4rl/hopper-v1-no-next.hdf5", 300'000, 1},
                                             {"formats/d4rl/hopper-v2-full.hdf5", 300'000, 2},
                                             {"formats/d4rl/maze-style-goals.hdf5", 300'000, 0},
                                             {"formats/d3rlpy/continuous.h5", 30'000, 1},
                                             {"formats/d3rlpy/discrete.h5", 30'000, 1},
                                             {"formats/d3rlpy/v1-continuous-timeouts.h5", 30'000, 1},
                                             {"formats/d3rlpy/v1-discrete.h5", 30'000, 1},
                                             {"d3rlpy/cartpole_v1.1.0.h5", 1'000'000, 10},
                                             {"formats/robomimic/lowdim.hdf5", 100'000, 2},
                                             {"hopper/hopper-replay.hdf5", 2'000'000, 5},
                                             {"formats/minari/own/hopper/noisy-hdf5-v0", 300'000, 2},
                                             {"minari/D4RL/door/human-v2", 1'000'000, 2}}) {
    const auto path = support::shared_file(name);
    if (!path.empty()) check_streamed(path, std::uint64_t(memory), pieces);
  }
}

namespace {
// Arrays by name, as numpy.savez and numpy.savez_compressed write them.
using Members = std::vector<std::pair<std::string, std::string>>;
std::string column(const std::vector<float>& x) {
  return support::npy<float>("<f4", "(" + std::to_string(x.size()) + ",)", x);
}
std::string matrix(const std::vector<float>& x, std::size_t width) {
  return support::npy<float>("<f4", "(" + std::to_string(x.size() / width) + ", " + std::to_string(width) + ")", x);
}
std::string codes(const std::vector<std::int64_t>& x) {
  return support::npy<std::int64_t>("<i8", "(" + std::to_string(x.size()) + ",)", x);
}
std::vector<float> drawn(std::size_t count, std::uint64_t seed) {
  tessera::Random random(seed);
  std::vector<float> out(count);
  for (auto& x : out) x = float(random.normal());
  return out;
}
}  // namespace

TEST_CASE("OGBench's files are streamed as they are read", "[data][write]") {
  const support::Folder folder;
  using enum ends;
  for (const auto kind : {action_kind::continuous, action_kind::discrete}) {
    std::vector<support::ends> which(400, truncated);
    tessera::write_dataset(folder / "a.npz", support::made_data(kind, which), {.overwrite = true});
    check_streamed(folder / "a.npz", 60'000, 5);
  }
  // With next observations, rewards, masks, discrete actions of which the largest comes last, and trajectories of one
  // row; deflated and stored.
  constexpr std::size_t rows = 3000;
  std::vector<float> last(rows, 0), masks(rows, 1);
  std::vector<std::int64_t> actions;
  for (std::size_t i = 0; i < rows; ++i) {
    actions.push_back(i + 1 == rows ? 7 : std::int64_t(i % 3));
    if (i % 15 == 14 || i % 300 == 0) last[i] = 1;
    if (i % 30 == 29) masks[i] = 0;
  }
  for (const bool next : {false, true})
    for (const bool deflate : {true, false}) {
      Members all = {{"observations.npy", matrix(drawn(2 * rows, 1), 2)},
                     {"actions.npy", codes(actions)},
                     {"terminals.npy", column(last)},
                     {"rewards.npy", column(drawn(rows, 2))},
                     {"masks.npy", column(masks)}};
      if (next) all.push_back({"next_observations.npy", matrix(drawn(2 * rows, 3), 2)});
      support::write_bytes(folder / "b.npz", support::zip(all, deflate));
      INFO(next << deflate);
      check_streamed(folder / "b.npz", 60'000, 5);
      std::filesystem::create_directories(folder / "pieces");
      for (const char* name : {"pieces/a.npz", "pieces/b.npz"})
        support::write_bytes(folder / name, support::zip(all, deflate));
      check_streamed(folder / "pieces", 60'000, 10);
    }
  // One trajectory that does not fit.
  support::write_bytes(folder / "c.npz", support::zip({{"observations.npy", matrix(drawn(2 * rows, 1), 2)},
                                                       {"actions.npy", codes(actions)},
                                                       {"terminals.npy", column(std::vector<float>(rows, 0))}}));
  CHECK_THAT(error_of([&] { pieces_of(folder / "c.npz", 60'000); }), Contains("the episode of rows 0 to 2999 takes"));
}

TEST_CASE("demonstrations in .npz files are streamed as they are read", "[data][write]") {
  const support::Folder folder;
  constexpr std::size_t steps = 3000, episodes = 300;
  std::vector<std::int64_t> begins;
  std::vector<float> terminal, starts(steps, 0);
  for (std::size_t e = 0; e < episodes; ++e) {
    if (e > 0) begins.push_back(std::int64_t(10 * e));
    terminal.push_back(e % 3 == 0), starts[10 * e] = 1;
  }
  for (const bool rewards : {true, false}) {
    Members all = {{"obs.npy", matrix(drawn(2 * (steps + episodes), 1), 2)},
                   {"acts.npy", matrix(drawn(steps, 2), 1)},
                   {"indices.npy", codes(begins)},
                   {"terminal.npy", column(terminal)}};
    if (rewards) all.push_back({"rews.npy", column(drawn(steps, 3))});
    support::write_bytes(folder / "a.npz", support::zip(all));
    check_streamed(folder / "a.npz", 60'000, 5);
  }
  support::write_bytes(folder / "b.npz", support::zip({{"obs.npy", matrix(drawn(2 * steps, 1), 2)},
                                                       {"actions.npy", matrix(drawn(steps, 2), 1)},
                                                       {"rewards.npy", column(drawn(steps, 3))},
                                                       {"episode_starts.npy", column(starts)}}));
  for (const char* options : {"", "?ends=terminated", "?ends=truncated"})
    check_streamed(folder / "b.npz" + options, 60'000, 5);
}

TEST_CASE("tables of arrays are streamed as they are read", "[data][write]") {
  const support::Folder folder;
  constexpr std::size_t rows = 6000;
  std::vector<float> id, t;
  std::vector<std::int64_t> dose;
  for (std::size_t i = 0; i < rows; ++i)
    id.push_back(float(i / 6)), t.push_back(float(i % 6)), dose.push_back(i + 1 == rows ? 5 : std::int64_t(i % 2));
  const auto x = drawn(2 * rows, 1), reward = drawn(rows, 2);
  const std::string columns = "?columns=episode=id,step=t,observation=x,action=dose,reward=r";
  support::write_bytes(folder / "a.npz", support::zip({{"id.npy", column(id)},
                                                       {"t.npy", column(t)},
                                                       {"x.npy", matrix(x, 2)},
                                                       {"dose.npy", codes(dose)},
                                                       {"r.npy", column(reward)},
                                                       {"note.npy", column({1, 2})}}));
  auto file = tessera::hdf5::File::create(folder / "a.hdf5");
  file.write("id", id), file.write("t", t), file.write("x", x, {std::int64_t(rows), 2});
  file.write("dose", dose), file.write("r", reward);
  file.close();
  for (const char* name : {"a.npz", "a.hdf5"}) check_streamed(folder / name + columns, 200'000, 5);
}

TEST_CASE("published .npz files are streamed as they are read", "[data][write]") {
  const std::string mazes = "formats/ogbench/pointmaze-medium-navigate-v0.npz", demos = "formats/imitation/";
  for (const auto& [name, options, memory, pieces] :
       {std::tuple{mazes, "", 60'000, 2},
        {mazes, "?task=2", 60'000, 2},
        {std::string("formats/ogbench/pointmaze-medium-stitch-v0.npz"), "", 40'000, 2},
        {std::string("formats/ogbench/powderworld-easy-play-v0.npz"), "", 2'000'000, 0},
        {std::string("formats/ogbench/scene-play-v0.npz"), "?task=1", 300'000, 1},
        {demos + "cartpole-old.npz", "", 20'000, 0},
        {demos + "pendulum-old.npz", "", 40'000, 0}})
    if (const auto path = support::shared_file(name); !path.empty())
      check_streamed(path + options, std::uint64_t(memory), pieces);
}
