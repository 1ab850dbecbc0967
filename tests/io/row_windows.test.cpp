#include <tessera/io/row_windows.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::Dataset;
using tessera::hdf5::File;

namespace {
// (first, count) of the windows of rows that end an episode after `ends`, where `bytes` hold so many rows of 10 bytes.
std::vector<std::pair<std::int64_t, std::int64_t>> windows(std::int64_t rows, std::vector<std::int64_t> ends,
                                                           std::int64_t in_a_quarter) {
  const auto found = tessera::windows_of_episodes(
      rows, [&](std::int64_t i) { return std::count(ends.begin(), ends.end(), i) != 0; }, 10,
      {.bytes = std::uint64_t(40 * in_a_quarter)}, "a.hdf5");
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const auto& each : found) out.emplace_back(each.first, each.count);
  return out;
}
}  // namespace

TEST_CASE("windows end with episodes, and hold as many as fit", "[data][hdf5]") {
  using Windows = std::vector<std::pair<std::int64_t, std::int64_t>>;
  CHECK(windows(10, {1, 3, 5, 7}, 100) == Windows{{0, 10}});
  CHECK(windows(10, {1, 3, 5, 7}, 4) == Windows{{0, 4}, {4, 4}, {8, 2}});
  CHECK(windows(10, {1, 3, 5, 7}, 5) == Windows{{0, 4}, {4, 4}, {8, 2}});
  CHECK(windows(10, {1, 3, 5, 7}, 2) == Windows{{0, 2}, {2, 2}, {4, 2}, {6, 2}, {8, 2}});
  // One that is larger than a window has one of its own, as long as it fits into the memory.
  CHECK(windows(12, {1, 8}, 3) == Windows{{0, 2}, {2, 7}, {9, 3}});
  CHECK_THAT(
      error_of([] { windows(20, {1}, 4); }),
      Contains("a.hdf5: the episode of rows 2 to 19 takes 180 bytes of memory, which is more than the 160 bytes"));
}

TEST_CASE("a part of a file has some of its rows", "[data][hdf5]") {
  const support::Folder folder;
  std::vector<float> x;
  std::vector<std::int64_t> a;
  for (int i = 0; i < 3000; ++i) x.push_back(float(2 * i)), x.push_back(float(2 * i + 1)), a.push_back(i);
  {
    auto file = File::create(folder / "a.h5");
    file.write("x", x, {3000, 2});
    file.write("a", a);
    file.write("other", std::vector<float>{7, 8});
    file.close();
  }
  const auto file = File::open(folder / "a.h5");
  for (const auto& [first, count] : {std::pair<std::int64_t, std::int64_t>{0, 3000}, {0, 10}, {17, 1000}, {2999, 1}}) {
    const auto part = file.part(3000, first, count);
    CHECK(part.first_row() == first);
    CHECK(part.info("x").shape == std::vector<std::int64_t>{count, 2});
    CHECK(part.read<float>("x") == std::vector<float>(x.begin() + 2 * first, x.begin() + 2 * (first + count)));
    std::vector<std::int64_t> shape;
    CHECK(part.read<std::int64_t>("a", shape) ==
          std::vector<std::int64_t>(a.begin() + first, a.begin() + first + count));
    CHECK(shape == std::vector<std::int64_t>{count});
    CHECK(part.read_first_piece<float>("x").at(1) == float(2 * first + 1));
    CHECK(part.read<float>("other") == std::vector<float>{7, 8});
  }
}

TEST_CASE("pieces say of the whole what none of them knows", "[data][hdf5]") {
  const auto piece = [](float low, float high, std::int64_t size, std::vector<tessera::Warning> warnings) {
    Dataset data;
    data.action_low = {low}, data.action_high = {high}, data.action_size = size, data.warnings = std::move(warnings);
    return data;
  };
  tessera::WholeOfPieces whole;
  whole.add(piece(-1, 2, 4, {{"a", "3 rows, first row 1: odd"}}), 0);
  whole.add(piece(-3, 1, 7, {{"a", "1 row, first row 2: odd"}, {"b", "1 row, first row 4: even"}}), 100);
  auto last = piece(0, 1, 5, {});
  whole.add(last, 200);
  whole.say(last);
  CHECK(last.action_low == std::vector<float>{-3});
  CHECK(last.action_high == std::vector<float>{2});
  CHECK(last.action_size == 7);
  REQUIRE(last.warnings.size() == 2);
  CHECK(last.warnings[0].message == "3 rows, first row 1: odd");
  CHECK(last.warnings[1].message == "counted from row 100, 1 row, first row 4: even");
}
