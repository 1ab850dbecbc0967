#include <tessera/cli/tasks.hpp>
//
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace tessera::cli;
namespace fs = std::filesystem;

namespace {
struct Folder {
  std::string path = (fs::temp_directory_path() / ("tessera-tasks-" + std::to_string(::getpid()))).string();
  Folder() { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
};
using texts = std::vector<std::string>;
// As if another process, on another host, had taken it and was last heard of so many seconds ago.
void taken_elsewhere(const std::string& folder, const std::string& name, double seconds) {
  const auto file = folder + "/taken/" + name + "@elsewhere,7";
  fs::rename(folder + "/todo/" + name, file);
  timespec clock{};
  clock_gettime(CLOCK_REALTIME, &clock);
  clock.tv_sec -= time_t(seconds);
  const timespec times[2] = {clock, clock};  // NOLINT(modernize-avoid-c-arrays)
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}
}  // namespace

TEST_CASE("a task is one process's, from the first to the last", "[cli]") {
  Folder folder;
  const texts names{"a,seed-0", "a,seed-1", "b,seed-0"};
  Tasks tasks(folder.path, 60);
  CHECK_FALSE(tasks.open());
  tasks.offer(names);
  CHECK(tasks.open());
  CHECK(tasks.take(names) == "a,seed-0");
  CHECK(tasks.take(names) == "a,seed-1");
  {
    Tasks other(folder.path, 60);  // of this process as well: what it holds is its own
    CHECK(other.take(names) == "b,seed-0");
    CHECK_FALSE(other.take(names));
    CHECK_FALSE(tasks.take(names));
    CHECK(other.touch().empty());
  }
  CHECK(tasks.take(names) == "b,seed-0");  // given back by the one that ended
  tasks.done("a,seed-0");
  tasks.done("a,seed-1");
  CHECK(tasks.open());
  tasks.failed("b,seed-0", {2, "wrong.csv: has no rows"});
  CHECK_FALSE(tasks.open());
  REQUIRE(tasks.failure("b,seed-0"));
  CHECK(tasks.failure("b,seed-0")->code == 2);
  CHECK(tasks.failure("b,seed-0")->error == "wrong.csv: has no rows");
  CHECK_FALSE(tasks.failure("a,seed-0"));
  tasks.offer({"b,seed-0"});  // once more
  CHECK_FALSE(tasks.failure("b,seed-0"));
  CHECK(tasks.take(names) == "b,seed-0");
}

TEST_CASE("what a lost process had taken is others'", "[cli]") {
  Folder folder;
  const texts names{"x", "y"};
  Tasks tasks(folder.path, 30);
  tasks.offer(names);
  taken_elsewhere(folder.path, "x", 20);
  CHECK(tasks.give_back().empty());
  tasks.offer(names);  // by one that begins while that one is at work: it stays its own
  CHECK(tasks.take(names) == "y");
  CHECK_FALSE(tasks.take(names));
  fs::rename(folder.path + "/taken/x@elsewhere,7", folder.path + "/todo/x");
  taken_elsewhere(folder.path, "x", 31);
  CHECK(tasks.give_back() == texts{"x@elsewhere,7"});
  CHECK(tasks.take(names) == "x");
  CHECK(tasks.touch().empty());
  // And this one learns that it was taken for lost.
  for (const auto& each : fs::directory_iterator(folder.path + "/taken"))
    if (each.path().filename().string().starts_with("y@")) fs::rename(each.path(), folder.path + "/todo/y");
  CHECK(tasks.touch() == texts{"y"});
  CHECK(tasks.touch().empty());
}
