// corrupted [COUNT]: reads COUNT corrupted HDF5 files, the same every time, and counts what became of them: in a
// process of this program's, which shows what libhdf5 does, and with `load_untrusted`, with which none may be more than
// an error.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <tessera/sources/load.hpp>

#include "fuzz/mutator.hpp"
#include "helpers/hostile_files.hpp"
#if __has_include(<tessera/sources/untrusted.hpp>)
#include <tessera/sources/untrusted.hpp>
#define TESSERA_HAS_UNTRUSTED 1
#endif

namespace {
// Small logs of each layout, with next observations and without.
std::vector<std::string> seeds() {
  const support::Folder folder;
  std::vector<std::string> all;
  for (const bool next : {false, true})
    for (const char* ends : {"timeouts", "episode_terminals"}) {
      support::FlatFile flat(40);
      flat.timeouts[19] = flat.terminals[39] = 1;
      if (std::string(ends) != "timeouts") flat.timeouts[39] = 1;
      if (next) flat.add_next();
      flat.write(folder / "a.h5", ends);
      all.push_back(support::bytes_of(folder / "a.h5"));
    }
  for (const auto make : {support::hostile::demos, support::hostile::dumped}) {
    make(folder / "a.h5", "");
    all.push_back(support::bytes_of(folder / "a.h5"));
  }
  return all;
}

enum fate { was_read, was_refused, ran_out_of_memory, crashed, hung };
constexpr const char* names[] = {"read", "refused", "out of memory", "crashed", "hung"};

// In a child, so that this program goes on.
fate read_here(const std::string& path) {
  const auto child = ::fork();
  if (child == 0) {
    const rlimit memory{std::uint64_t{2} << 30, std::uint64_t{2} << 30}, core{0, 0};
    ::setrlimit(RLIMIT_AS, &memory), ::setrlimit(RLIMIT_CORE, &core);
    ::alarm(2);
    try {
      tessera::load_dataset(path);
    } catch (const tessera::Error&) {
      ::_exit(was_refused);
    } catch (const std::bad_alloc&) {
      ::_exit(ran_out_of_memory);
    } catch (...) {
      ::_exit(crashed);
    }
    ::_exit(was_read);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) return fate(WEXITSTATUS(status));
  return WTERMSIG(status) == SIGALRM ? hung : crashed;
}
}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 500;
  const support::Folder folder;
  const auto path = folder / "a.h5";
  tessera::fuzz::Mutator mutator(seeds());
  int here[5] = {}, apart[5] = {};
  double slowest = 0;
  for (int i = 0; i < count; ++i) {
    support::write_bytes(path, mutator.next());
    const auto what = read_here(path);
    ++here[what];
    if (argc > 2 && what >= ran_out_of_memory)
      support::write_bytes(std::string(argv[2]) + "/" + names[what] + std::to_string(i) + ".h5",
                           support::bytes_of(path));
#if TESSERA_HAS_UNTRUSTED
    const auto start = std::chrono::steady_clock::now();
    fate found = was_read;
    try {
      tessera::load_untrusted(path, {.read = {}, .seconds = 1, .memory = 0});
    } catch (const tessera::Error& error) {
      found = was_refused;
    }
    ++apart[found];
    slowest = std::max(slowest, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
#endif
  }
  std::printf("%d corrupted files\n%-14s %8s %12s\n", count, "", "here", "untrusted");
  for (int k = 0; k < 5; ++k) std::printf("%-14s %8d %12d\n", names[k], here[k], apart[k]);
  std::printf("the slowest untrusted one took %.2f s\n", slowest);
  return slowest > 3;
}
