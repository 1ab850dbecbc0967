// What the Python program sends that reads Arrow and Parquet files: whoever has taken it over may send anything.  The
// first byte chooses the data set that is made of the tables; the program is one that sends the rest.
#include "fuzz.hpp"

#include <cstdlib>
#include <filesystem>

#include <tessera/dataset/require_sound.hpp>
#include <tessera/io/arrow_stream.hpp>
#include <tessera/sources/load.hpp>

#include "../helpers/memory_stream.hpp"
#include "../helpers/tables.hpp"

namespace {
using namespace tessera;
using support::TableBytes;
namespace fs = std::filesystem;

using fuzz::done, fuzz::require;

// One folder of each kind, and the program; gone with this.
class Place {
 public:
  Place() {
    write("python", "#!/bin/sh\nexec cat '" + path_ + "/bytes' >&3\n");
    fs::permissions(path_ + "/python", fs::perms::owner_all);
    ::setenv("TESSERA_PYTHON", (path_ + "/python").c_str(), 1);
    write("a.parquet", "PAR1");
    write("robot/meta/info.json", R"({"codebase_version": "v3.0", "features": {
      "observation.state": {"dtype": "float32", "shape": [2]}, "action": {"dtype": "int64", "shape": [1]},
      "next.reward": {"dtype": "float32", "shape": [1]}, "next.done": {"dtype": "bool", "shape": [1]}}})");
    write("robot/data/chunk-000/file-000.parquet", "PAR1");
    write("saved/dataset_info.json", "{}");
    write("saved/state.json", R"({"_data_files": [{"filename": "d.arrow"}]})");
    write("saved/d.arrow", "ARROW1");
    write("walk/data/metadata.json", R"({"total_episodes": 1, "data_format": "arrow", "observation_space":
      {"type": "Dict", "subspaces": {"x": {"type": "Box", "shape": [2]}, "m": {"type": "Discrete", "n": 3}}},
      "action_space": {"type": "MultiDiscrete", "nvec": [2, 3]}})");
    write("walk/data/0/0.arrow", "ARROW1");
  }
  ~Place() { fs::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  void write(const std::string& name, const std::string& bytes) const {
    const auto path = path_ + "/" + name;
    fs::create_directories(fs::path(path).parent_path());
    support::write_bytes(path, bytes);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = (::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : "/tmp/") + std::string("tessera-fuzz-") +
                      std::to_string(::getpid()) + ".arrow";
};

void look_at(const ArrowTable& table) {
  for (const auto& c : table.columns) {
    if (c.type == ArrowColumn::kind::other) continue;
    require(!c.has_lists_of_different_lengths() || c.first_item.size() == std::size_t(table.rows) + 1);
    const auto items = c.has_lists_of_different_lengths() ? c.first_item.back() : table.rows;
    require(std::int64_t(c.values()) == items * c.width() && (c.missing.empty() || c.missing.size() == c.values()));
    for (std::size_t i = 0; i < c.values(); ++i) {
      if (c.type == ArrowColumn::kind::text) require(c.text(i).size() < (1 << 20));
      else static_cast<void>(c.number(i));
    }
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Place place;
  if (size == 0) return 0;
  const auto sent = fuzz::text_of(data + 1, size - 1);
  const ReadLimits limits{.bytes = 16 << 20};
  bool has_table = false;
  done([&] {
    support::Memory memory{sent};
    MemoryBudget budget(limits, 0);
    detail::ArrowStream in(memory, budget);
    in.about = "a.parquet";
    for (char mark = in.mark(); mark == 'T'; mark = in.mark()) look_at(in.table()), has_table = true;
  });
  // Starting a program takes a thousand times as long.
  if (!has_table && size % 64 != 0) return 0;
  place.write("bytes", sent);
  static const std::string requests[] = {
      place / "a.parquet", place / "a.parquet?columns=observation=o*,action=a,reward=r,done=d,episode=e",
      place / "robot",     place / "robot?done=terminated&reward=1",
      place / "saved",     place / "saved?reward=0",
      place / "walk",      place / "walk?discrete=index&observation=m"};
  done([&] {
    const auto read = load_dataset(requests[data[0] % std::size(requests)], limits);
    require(read.size() >= 1);
    require_sound(read);
  });
  return 0;
}

std::vector<std::string> tessera::fuzz::seeds() {
  const std::vector<std::int64_t> ends = {0, 0, 1, 0, 0}, episodes = {4, 4, 4, 7, 7}, frames = {0, 1, 2, 0, 1};
  const std::vector<double> ten = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, five = {1, 2, 3, 4, 5};
  TableBytes flat;
  flat.head(5, 6, {"o", "p", "a", "r", "d", "e"}).real("o", {2}, ten);
  flat.column("obs_1", ArrowColumn::kind::whole, {}, std::vector<std::int64_t>{1, 2, 3, 1LL << 60, 5}, nullptr,
              {0, 1, 0, 0, 0});
  flat.text("a").text("string").count(3).count(0).count(0).count(5);
  for (const std::uint64_t label : {0u, 1u, 0u, 1u, 1u}) flat.count(label);
  flat.count(0).count(2).count(4).count(5).text("leftright");
  flat.real("r", {}, five).flags("d", ends).whole("e", episodes).mark('.');
  TableBytes guessed;
  guessed.head(5, 4, {"observation"}).real("observation", {2}, ten).real("action", {}, five).real("reward", {}, five);
  guessed.flags("done", ends).mark('.');
  TableBytes robot;
  robot.head(5, 6, {"x"}).real("observation.state", {2}, ten).whole("action", {1, 0, 2, 1, 0});
  robot.real("next.reward", {}, five).flags("next.done", ends);
  robot.whole("episode_index", episodes).whole("frame_index", frames).mark('.');
  TableBytes saved;
  const std::vector<std::int64_t> observed = {3, 2}, acted = {2, 1};
  saved.head(2, 4, {"obs", "acts"}).real("obs", {1}, five, &observed).whole("acts", {0, 2, 1}, &acted);
  saved.flags("terminal", {1, 0}).real("rews", {}, {1, 2, 4}, &acted).mark('.');
  TableBytes walk;
  walk.head(3, 6, {"observations"}).real("observations/x", {2}, {1, 2, 3, 4, 5, 6}).whole("observations/m", {0, 2, 1});
  walk.column("actions", ArrowColumn::kind::whole, {2}, std::vector<std::int64_t>{1, 2, 0, 0, 0, 0});
  walk.real("rewards", {}, {1, 2, 0}).flags("terminations", {0, 1, 0}).flags("truncations", {0, 0, 0}).mark('.');
  const auto seed = [](int which, const TableBytes& table) { return char(which) + table.bytes; };
  // A robot's tables are read twice, and the program sends the same both times.
  return {seed(1, flat),
          seed(0, guessed),
          seed(2, robot),
          seed(3, robot),
          seed(4, saved),
          seed(5, saved),
          seed(6, walk),
          seed(7, walk),
          seed(1, TableBytes().mark('E').count(0).text("bad magic")),
          seed(1, TableBytes().mark('M').text("No module named pyarrow"))};
}
