#include <tessera/data/atomic_file.hpp>

#include "support.hpp"

using Catch::Contains;
using support::error_of;
using tessera::write_atomically;

TEST_CASE("an atomic write makes the file and leaves no other", "[data][atomic_file]") {
  const support::Folder folder;
  const auto path = folder / "result.txt";
  write_atomically(path, [&](const std::string& name) {
    CHECK(name != path);
    support::write_bytes(name, "one");
    CHECK_FALSE(std::filesystem::exists(path));
  });
  CHECK(support::bytes_of(path) == "one");
  write_atomically(path, [&](const std::string& name) {
    support::write_bytes(name, "two");
    CHECK(support::bytes_of(path) == "one");
  });
  CHECK(support::bytes_of(path) == "two");
  CHECK(folder.files() == 1);
}

TEST_CASE("a failing atomic write leaves the old file and no other", "[data][atomic_file]") {
  const support::Folder folder;
  const auto path = folder / "result.txt";
  support::write_bytes(path, "old");
  CHECK_THROWS_AS(write_atomically(path,
                                   [](const std::string& name) {
                                     support::write_bytes(name, "half");
                                     throw std::runtime_error("no more");
                                   }),
                  std::runtime_error);
  CHECK(support::bytes_of(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("an atomic write says what is wrong with its target", "[data][atomic_file]") {
  const support::Folder folder;
  const auto nothing = [](const std::string&) {};
  CHECK_THAT(error_of([&] { write_atomically(folder / "absent/result", nothing); }),
             Contains("absent") && Contains("does not exist") && Contains("create"));
  CHECK_THAT(error_of([&] { write_atomically(folder / "", nothing); }), Contains("folder"));
  CHECK_THAT(error_of([&] { write_atomically(folder / "never-written", nothing); }),
             Contains("never-written"));
}
