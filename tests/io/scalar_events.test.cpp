#include <tessera/io/scalar_events.hpp>

#include "helpers/files.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace support;
using tessera::ScalarEvent;
using tessera::ScalarLog;

namespace {
namespace fs = std::filesystem;

std::string from_hex(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) out += char(std::stoi(hex.substr(i, 2), nullptr, 16));
  return out;
}
void append(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::app) << bytes;
}
// All numbers of a folder's files, one after another: "step tag value".
std::vector<std::string> listed(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& name : ScalarLog::files(folder))
    for (const auto& e : tessera::read_scalar_events(bytes_of(folder + "/" + name)).events)
      for (const auto& [tag, value] : e.scalars) {
        std::stringstream text;
        text << e.step << " " << tag << " " << value;
        out.push_back(text.str());
      }
  return out;
}
using Lines = std::vector<std::string>;
}  // namespace

// RFC 3720, appendix B.4, and the check value in catalogs of such codes.
TEST_CASE("CRC-32C of known bytes", "[data][events]") {
  std::string up, down;
  for (int i = 0; i < 32; ++i) up += char(i), down += char(31 - i);
  CHECK(tessera::crc32c("") == 0);
  CHECK(tessera::crc32c("123456789") == 0xe3069283u);
  CHECK(tessera::crc32c(std::string(32, '\0')) == 0x8a9136aau);
  CHECK(tessera::crc32c(std::string(32, '\xff')) == 0x62a8ab43u);
  CHECK(tessera::crc32c(up) == 0x46dd794eu);
  CHECK(tessera::crc32c(down) == 0x113fdb5cu);
}

// The events are what Google's encoder makes of them; the checks were computed bit by bit by another program.
TEST_CASE("an event's record, byte by byte", "[data][events]") {
  CHECK(tessera::version_record(1.5) == from_hex("1800000000000000a37f4b22"        // 24 bytes
                                                 "09000000000000f83f"              // field 1: 1.5
                                                 "1a0d627261696e2e4576656e743a32"  // field 3: "brain.Event:2"
                                                 "2a28646c"));
  CHECK(tessera::scalar_record({2.0, 300, {{"loss", 0.25f}}}) ==
        from_hex("1b000000000000001a0d9e13"  // 27 bytes
                 "090000000000000040"
                 "10ac02"    // fields 1: 2.0, and 2: 300
                 "2a0d0a0b"  // fields 5 and, within it, 1
                 "0a046c6f7373"
                 "150000803e"  // and within that 1: "loss", and 2: 0.25
                 "2fb3dff0"));
  CHECK(tessera::restart_record(2.0, 5) == from_hex("0f000000000000006d532b09"
                                                    "090000000000000040"
                                                    "1005"
                                                    "3a020801"  // field 7: 1: START
                                                    "9451ed38"));
}

TEST_CASE("reading ends where a record is damaged or incomplete", "[data][events]") {
  const auto first = tessera::scalar_record({1.25, 100, {{"a", 1.0f}, {"b/c", -2.5f}}}),
             second = tessera::scalar_record({2.5, std::int64_t{1} << 40, {{"a", 3.0f}}});
  const auto all = tessera::version_record(1) + first + tessera::restart_record(2, 7) + second;
  const auto whole = tessera::read_scalar_events(all);
  REQUIRE(whole.events.size() == 2);
  CHECK(whole.end == all.size());
  CHECK(whole.begins[0] == tessera::version_record(1).size());
  CHECK(whole.events[0].wall_time == 1.25);
  CHECK(whole.events[0].step == 100);
  CHECK(whole.events[0].scalars == std::vector<std::pair<std::string, float>>{{"a", 1.0f}, {"b/c", -2.5f}});
  CHECK(whole.events[1].step == std::int64_t{1} << 40);
  CHECK(whole.begins[1] == all.size() - second.size());

  for (std::size_t cut = 1; cut <= second.size(); ++cut) {
    const auto part = tessera::read_scalar_events(std::string_view(all).substr(0, all.size() - cut));
    CHECK(part.events.size() == 1);
    CHECK(part.end == all.size() - second.size());
  }
  // A bit of the last record that is another: of its length, its text or its checks.
  for (std::size_t at = all.size() - second.size(); at < all.size(); ++at) {
    auto other = all;
    other[at] = char(other[at] ^ 1);
    CHECK(tessera::read_scalar_events(other).end == all.size() - second.size());
  }
  CHECK(tessera::read_scalar_events("not an event file, but long enough to be one").end == 0);
}

TEST_CASE("a session that goes on from an earlier step leaves every number once", "[data][events]") {
  const Folder folder;
  const auto path = folder / "";
  const auto row = [](std::int64_t step, float a) { return ScalarEvent{1e9, step, {{"a", a}}}; };
  {
    ScalarLog log(path, 0);
    CHECK(ScalarLog::files(path).empty());
    for (const std::int64_t step : {100, 200, 300}) log.add(row(step, float(step)));
    log.write();
    log.add(row(400, 400));
    log.add(row(400, 401));                                  // is there
    log.add({1e9, 300, {{"a", 301.0f}, {"return", 7.0f}}});  // of which one is
    log.write();
  }
  REQUIRE(ScalarLog::files(path).size() == 1);
  const auto first = ScalarLog::files(path)[0];
  CHECK(first.starts_with("events.out.tfevents."));
  CHECK(listed(path) == Lines{"100 a 100", "200 a 200", "300 a 300", "400 a 400", "300 return 7"});

  // It was killed while it wrote, and goes on from step 200: 300 and 400 come again.
  append(folder / first, tessera::scalar_record(row(500, 500)).substr(0, 20));
  write_bytes(folder / "events.out.tfevents.1234567890.another", "of another program");
  {
    ScalarLog log(path, 200);
    CHECK(listed(path) == Lines{"100 a 100", "200 a 200"});
    CHECK(ScalarLog::files(path) == std::vector<std::string>{first});
    for (const std::int64_t step : {100, 200, 300}) log.add(row(step, 2 * float(step)));  // two are there
    log.write();
  }
  const auto files = ScalarLog::files(path);
  REQUIRE(files.size() == 2);
  CHECK(files[0] == first);
  CHECK(listed(path) == Lines{"100 a 100", "200 a 200", "300 a 600"});
  // It begins with the version, and with the step from which a reader drops what it has.
  const auto bytes = bytes_of(folder / files[1]);
  CHECK(bytes.substr(12 + 9, 15) == from_hex("1a0d") + "brain.Event:2");
  CHECK(bytes.substr(40 + 12 + 9, 7) == from_hex("10c901"
                                                 "3a020801"));  // 201
  CHECK(bytes_of(folder / "events.out.tfevents.1234567890.another") == "of another program");

  // A file of which nothing can be read is no reason to lose what the run's table still has.
  write_bytes(folder / files[0], "damaged");
  {
    ScalarLog log(path, 300);
    for (const std::int64_t step : {100, 200, 300}) log.add(row(step, float(step)));
    log.write();
  }
  CHECK(listed(path) == Lines{"300 a 600", "100 a 100", "200 a 200"});
}

TEST_CASE("what is no event file of ours is left alone or refused", "[data][events]") {
  CHECK(ScalarLog::is_ours("events.out.tfevents.1700000000.tessera"));
  for (const char* name : {"events.out.tfevents.1700000000.host.12.0", "events.out.tfevents.170000000.tessera",
                           "events.out.tfevents.1700000000x.tessera", "events.out.tfevents..tessera",
                           "xevents.out.tfevents.1700000000.tessera", "events.out.tfevents.1700000000.tessera.bak"})
    CHECK_FALSE(ScalarLog::is_ours(name));

  const Folder folder;
  fs::create_directory(folder / "events.out.tfevents.1700000000.tessera");
  CHECK(error_of([&] { ScalarLog(folder / "", 0); }).find("events.out.tfevents.1700000000.tessera: ") !=
        std::string::npos);
  const Folder other;
  write_bytes(other / "precious", "text");
  fs::create_symlink(other / "precious", other / "events.out.tfevents.1700000000.tessera");
  CHECK(error_of([&] { ScalarLog(other / "", 0); }).find("cannot be opened") != std::string::npos);
  CHECK(bytes_of(other / "precious") == "text");
}
