#include <tessera/train/experience.hpp>

#include <fstream>
#include <tessera/support/error.hpp>

#include "helpers/files.hpp"

using namespace tessera;
using namespace support;

namespace {
using end = Experience::end;
/// Two copies of a task with observations of 2 numbers, in turn; copy 1's episode ends at once.
Experience four() {
  Experience e(2, 1, false);
  const auto add = [&](std::int64_t copy, std::vector<float> s, float a, float r, end ends, std::vector<float> next) {
    e.add(copy, {s, std::span<const float>(&a, 1), r, ends, next});
  };
  add(0, {0, 1}, 0.5f, 1, end::none, {2, 3});
  add(1, {7, 7}, -1, -5, end::terminated, {8, 8});
  add(0, {2, 3}, 0.25f, 2, end::truncated, {4, 5});
  add(1, {9, 9}, 1, 3, end::none, {1, 1});
  return e;
}
std::string bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
}  // namespace

TEST_CASE("what was collected is a data set of whole episodes", "[train][online]") {
  const auto data = four().dataset("online");
  REQUIRE(data.size() == 4);
  CHECK(data.rewards == std::vector<float>{-5, 1, 2, 3});  // in the order in which episodes end
  CHECK(data.terminals == std::vector<std::uint8_t>{1, 0, 0, 0});
  CHECK(data.timeouts == std::vector<std::uint8_t>{0, 0, 1, 1});  // the last is cut where it stands
  REQUIRE(data.episodes.size() == 3);
  CHECK(data.episodes[1].episode_return == 3);
  CHECK(data.episodes[1].complete);
  CHECK_FALSE(data.episodes[2].complete);
  CHECK(data.observation(1)[1] == 1);
  CHECK(data.next_observation(1)[0] == 2);
  CHECK(data.observation_row[2] == data.next_observation_row[1]);  // stored once
  CHECK(data.next_observation(2)[1] == 5);
  CHECK(data.actions == std::vector<float>{-1, 0.5f, 0.25f, 1});
}

TEST_CASE("what was collected is written once, and read up to any number", "[train][online]") {
  const Folder folder;
  const auto path = folder / "online.bin";
  const auto all = four();
  auto some = all;
  some.keep(2);
  some.save(path);
  const auto half = bytes(path);
  all.save(path);
  CHECK(bytes(path).substr(0, half.size()) == half);
  const auto read = Experience::read(path, 3);
  REQUIRE(read.size() == 3);
  CHECK(read[2].reward == 2);
  CHECK(read[2].ends == end::truncated);
  CHECK(read.copy(1) == 1);
  CHECK(read[1].next_observation[0] == 8);
  // A run that goes on from fewer transitions writes its own in place of those that were lost.
  Experience other = read;
  other.keep(2);
  const std::vector<float> x{1, 2};
  const float a = 0;
  other.add(0, {x, std::span<const float>(&a, 1), 77, end::none, x});
  other.save(path);
  CHECK(Experience::read(path, 3)[2].reward == 77);
  CHECK_THROWS_WITH(Experience::read(path, 4),
                    Catch::Contains("holds 3 transitions, and the checkpoint was made with 4"));
}

TEST_CASE("a damaged file of what was collected is one line that says so", "[train][online]") {
  const Folder folder;
  const auto path = folder / "online.bin";
  CHECK_THROWS_WITH(Experience::read(path, 1), Catch::Contains("cannot be opened"));
  std::ofstream(path) << "something else altogether, which is longer than the header of such a file is.......";
  CHECK_THROWS_WITH(Experience::read(path, 0), Catch::Contains("does not hold what a run has collected"));
  four().save(path);
  auto text = bytes(path);
  REQUIRE(text.size() == 64 + 4 * 8 * 4);
  text.replace(text.size() - 8, 4, std::string("\x00\x00\xc0\x7f", 4));  // how the last one ends: not a number
  std::ofstream(path, std::ios::binary) << text;
  CHECK(Experience::read(path, 3).size() == 3);
  CHECK_THROWS_WITH(Experience::read(path, 4), Catch::Contains("transition 3 is damaged"));
}
