#include <tessera/support/atomic_file.hpp>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <csignal>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::AtomicFile;
using tessera::clear_temporaries;
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
  write_atomically(path, [&](AtomicFile& file) {
    file.write("one, two, four");
    file.overwrite(10, "three");
    CHECK(support::bytes_of(path) == "two");
  });
  CHECK(support::bytes_of(path) == "one, two, three");
  // Also where the writer puts a file of its own there, as some programs do.
  write_atomically(path, [&](const std::string& name) {
    std::filesystem::remove(name);
    support::write_bytes(name, "own");
  });
  CHECK(support::bytes_of(path) == "own");
  {
    AtomicFile dropped(path);
    dropped.write("never");
  }
  CHECK(support::bytes_of(path) == "own");
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

TEST_CASE("a disk that takes only a part of a file is an error", "[data][atomic_file]") {
  const support::Folder folder;
  const auto path = folder / "result.txt";
  support::write_bytes(path, "old");
  // A limit on the size of files simulates a full disk: one write is short, the next fails.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  auto less = before;
  less.rlim_cur = 100000;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &less) == 0);
  const auto said =
      error_of([&] { write_atomically(path, [](AtomicFile& file) { file.write(std::string(150000, 'x')); }); });
  const auto unwritten = error_of([&] { write_atomically(path, [](const std::string&) {}); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK_THAT(said, Contains("result.txt: cannot be written") && Contains("as it was before"));
  CHECK_THAT(unwritten, Contains("nothing was written"));
  CHECK(support::bytes_of(path) == "old");
  CHECK(folder.files() == 1);
}

TEST_CASE("an atomic write says what is wrong with its target", "[data][atomic_file]") {
  const support::Folder folder;
  const auto nothing = [](const std::string&) {};
  CHECK_THAT(error_of([&] { write_atomically(folder / "absent/result", nothing); }),
             Contains("absent") && Contains("does not exist") && Contains("create"));
  CHECK_THAT(error_of([&] { write_atomically(folder / "", nothing); }), Contains("folder"));
  CHECK_THAT(error_of([&] { write_atomically(folder / "never-written", nothing); }), Contains("never-written"));
  const auto pipe = folder / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(error_of([&] { write_atomically(pipe, nothing); }), Contains("is not a regular file"));
  CHECK(folder.files() == 1);
}

TEST_CASE("what a killed program left is cleared, and nothing else", "[data][atomic_file]") {
  const support::Folder folder;
  const auto path = folder / "result.txt";
  for (int i = 0; i < 3; ++i) {
    const auto child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      AtomicFile file(path);
      file.write("half");
      std::raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
  }
  CHECK(folder.files() == 3);

  // Of a running program; of nobody; a folder, and a link, that are named like one.
  AtomicFile running(path);
  running.write("more");
  const auto named = [&](const std::string& name, std::uint32_t drawn) {
    return folder / (name + ".tmp-" + std::to_string(tessera::detail::temporary_number(name, drawn)));
  };
  const std::vector<std::string> foreign = {"data.tmp-2024",   "result.txt.tmp-1",
                                            "result.txt.tmp-", "result.txt.tmp-18446744073709551616",
                                            ".tmp-12",         "notes"};
  for (const auto& name : foreign) support::write_bytes(folder / name, "mine");
  const auto right = named("result.txt", 7);
  support::write_bytes(folder / ("other.txt" + right.substr(right.rfind(".tmp-"))),
                       "mine");  // the digits are of another name
  std::filesystem::create_directory(named("folder", 3));
  std::filesystem::create_symlink(path, named("link", 3));
  CHECK(clear_temporaries(folder / "") == 3);
  CHECK(folder.files() == 1 + foreign.size() + 3);
  CHECK(clear_temporaries(folder / "") == 0);
  CHECK(clear_temporaries(folder / "absent") == 0);
  running.commit();
  CHECK(support::bytes_of(path) == "more");
}
