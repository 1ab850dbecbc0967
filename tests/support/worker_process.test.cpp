#include <tessera/support/worker_process.hpp>

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "../helpers/files.hpp"

using Catch::Contains;
using tessera::WorkerEnded;
using tessera::WorkerLate;
using tessera::WorkerProcess;
using tessera::WorkerUnwanted;

namespace {
std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }
std::string heard(WorkerProcess& worker, std::size_t size) {
  std::string text(size, '\0');
  worker.receive(text.data(), size, 20);
  return text;
}
// Whether a process runs; one that nobody has reaped does not.
bool runs(const std::string& id) {
  std::ifstream file("/proc/" + id + "/stat");
  std::string number, name, state;
  return file >> number >> name >> state && state != "Z";
}
bool happens(const std::function<bool()>& what) {
  for (int i = 0; i < 500; ++i) {
    if (what()) return true;
    ::usleep(10'000);
  }
  return false;
}
}  // namespace

TEST_CASE("a worker hears and answers", "[worker]") {
  WorkerProcess worker(shell("exec cat <&3 >&3"));
  worker.send("hello", 5, 20);
  CHECK(heard(worker, 5) == "hello");
  CHECK(worker.printed().empty());
}

TEST_CASE("a worker has nothing to read, and its descriptors", "[worker]") {
  WorkerProcess worker(shell("cat; for i in 0 1 2 3 4; do test -e /dev/fd/$i && printf $i >&3; done; printf . >&3"));
  CHECK(heard(worker, 6) == "01234.");
}

TEST_CASE("a worker shares a descriptor", "[worker]") {
  const tessera::Descriptor memory(::memfd_create("test", MFD_CLOEXEC));
  REQUIRE(bool(memory));
  WorkerProcess worker(shell("printf abc >&5; printf . >&3"), memory.get());
  CHECK(heard(worker, 1) == ".");
  char text[4] = {};
  CHECK(::pread(memory.get(), text, 3, 0) == 3);
  CHECK(std::string(text) == "abc");
}

TEST_CASE("a program that is not there is an error", "[worker]") {
  CHECK_THROWS_WITH(WorkerProcess({"no-such-program"}),
                    Contains("no-such-program: cannot be started (there is no such program)"));
  CHECK_THROWS_WITH(WorkerProcess(shell("true"), -1, "/no/such/folder/log"),
                    Contains("/no/such/folder/log: cannot be written"));
}

TEST_CASE("a worker that ends says how", "[worker]") {
  char any = 0;
  WorkerProcess exits(shell("exit 5"));
  CHECK_THROWS_AS(exits.receive(&any, 1, 20), WorkerEnded);
  const int five = exits.end(5);
  CHECK((WIFEXITED(five) && WEXITSTATUS(five) == 5));

  WorkerProcess killed(shell("kill -TERM $$"));
  CHECK_THROWS_AS(killed.receive(&any, 1, 20), WorkerEnded);
  const int term = killed.end(5);
  CHECK((WIFSIGNALED(term) && WTERMSIG(term) == SIGTERM));
  // No SIGPIPE, which would end this test.
  CHECK_THROWS_AS(killed.send("more", 4, 20), WorkerEnded);
}

TEST_CASE("a send to a worker that has closed its ears raises no signal", "[worker]") {
  WorkerProcess worker(shell("exec 3>&-; sleep 100"));
  const std::string much(1 << 20, 'x');
  CHECK_THROWS_AS(worker.send(much.data(), much.size(), 20), WorkerEnded);
}

TEST_CASE("a worker that does not answer is late, and goes", "[worker]") {
  const auto start = std::chrono::steady_clock::now();
  std::string id;
  {
    WorkerProcess worker(shell("sleep 1000 & echo $! | head -c 20 >&3; wait"));
    for (char c = 0; c != '\n'; id += c) worker.receive(&c, 1, 20);
    id.pop_back();
    CHECK(runs(id));
    char any = 0;
    CHECK_THROWS_AS(worker.receive(&any, 1, 0.2), WorkerLate);
    const int status = worker.end(0);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  }
  CHECK(happens([&] { return !runs(id); }));  // and so does what it has started
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("an end is seen though another process holds the channel", "[worker]") {
  WorkerProcess worker(shell("sleep 1000 & exit 4"));
  char any = 0;
  CHECK_THROWS_AS(worker.receive(&any, 1, 20), WorkerEnded);
  const int status = worker.end(5);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 4));
}

TEST_CASE("what a worker prints is drained, and its end is kept", "[worker]") {
  WorkerProcess worker(
      shell("head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end >&2; printf ok >&3; cat <&3 >/dev/null"));
  CHECK(heard(worker, 2) == "ok");
  const std::string much(1 << 20, 'y');  // more than a channel holds
  worker.send(much.data(), much.size(), 20);
  worker.end(5);
  CHECK(worker.printed().ends_with("xxx\nthe end\n"));
  CHECK(worker.printed().size() <= 16384);
}

TEST_CASE("what a worker prints is appended to a file", "[worker]") {
  const support::Folder folder;
  support::write_bytes(folder / "log", "before\n");
  WorkerProcess worker(shell("echo one; echo two >&2; printf . >&3"), -1, folder / "log");
  CHECK(heard(worker, 1) == ".");
  CHECK(support::bytes_of(folder / "log") == "before\none\ntwo\n");
}

TEST_CASE("a worker learns that its process has ended, however it did", "[worker]") {
  const support::Folder folder;
  const auto id = ::fork();
  if (id == 0) {
    new WorkerProcess(shell("cat <&4; echo gone > '" + (folder / "mark") + "'"));
    ::kill(::getpid(), SIGKILL);
  }
  REQUIRE(id > 0);
  int status = 0;
  REQUIRE(::waitpid(id, &status, 0) == id);
  CHECK(happens([&] { return support::bytes_of(folder / "mark") == "gone\n"; }));
}

TEST_CASE("nobody waits for what is no longer wanted", "[worker]") {
  using clock = std::chrono::steady_clock;
  char any = 0;
  const std::string much(1 << 22, 'x');  // more than the channel takes
  int asked = 0;
  const auto began = clock::now();
  WorkerProcess worker(shell("sleep 100"));
  const auto wanted = [&] { return ++asked < 3; };
  CHECK_THROWS_AS(worker.receive(&any, 1, 60, wanted), WorkerUnwanted);
  CHECK(asked == 3);
  CHECK_THROWS_AS(worker.send(much.data(), much.size(), 60, wanted), WorkerUnwanted);
  CHECK(clock::now() - began < std::chrono::seconds(20));
  // What answers at once is heard, wanted or not.
  WorkerProcess echoes(shell("exec cat <&3 >&3"));
  echoes.send("a", 1, 20, [] { return true; });
  echoes.receive(&any, 1, 20, [] { return true; });
  CHECK(any == 'a');
}
