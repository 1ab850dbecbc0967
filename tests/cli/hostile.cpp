// hostile TESSERA: gives the tool every kind of file that was made to do harm.  Each is refused with exit code 2, in
// one line without control characters, within a second and 200 MB; with --untrusted too.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <regex>
#include <string>
#include <vector>

#include "helpers/hostile_files.hpp"

namespace {
struct Result {
  int code = -1;
  std::string out, error;
  double seconds = 0, megabytes = 0;
};

Result run(const std::vector<std::string>& command, const support::Folder& folder) {
  const auto out = folder / "out.txt", error = folder / "error.txt";
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const auto child = ::fork();
  if (child == 0) {
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    ::dup2(::open(error.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    ::alarm(30);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), support::bytes_of(out),
          support::bytes_of(error), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
          double(used.ru_maxrss) / 1024};
}

// In a process of its own: some take memory to make, which a child would count as its own.
void make(const support::HostileFile& file, const std::string& path) {
  const auto child = ::fork();
  if (child == 0) {
    const tessera::hdf5::Quiet quiet;
    file.make(path);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "hostile TESSERA\n"), 2;
  const support::Folder folder;
  // Where libhdf5 would look for plugins: opening this one would wait forever.
  ::mkfifo((folder / "libh5lzf.so").c_str(), 0600);
  ::setenv("HDF5_PLUGIN_PATH", (folder / "").c_str(), 1);
  int failures = 0, refusals = 0;
  double slowest = 0, largest = 0;
  for (const auto& file : support::hostile_files()) {
    const auto path = folder / file.name;
    make(file, path);
    const auto source = file.source(path);
    for (const bool untrusted : {false, true}) {
      std::vector<std::string> command = {argv[1], "inspect", source};
      if (untrusted) command.emplace_back("--untrusted");
      const auto result = run(command, folder);
      slowest = std::max(slowest, result.seconds), largest = std::max(largest, result.megabytes);
      bool good = result.code == 2 && result.out.empty() && result.error.starts_with("tessera: error: ") &&
                  result.error.ends_with("\n") && result.seconds < 1 && result.megabytes < 200 &&
                  std::regex_search(result.error, std::regex(file.refusal));
      for (std::size_t i = 0; i + 1 < result.error.size(); ++i)
        good = good && static_cast<unsigned char>(result.error[i]) >= 32;
      ++refusals;
      if (good) continue;
      ++failures;
      std::printf("FAILED: %s%s: exit code %d, %.2f s, %.0f MB\n  wanted: %s\n  got:    %s%s\n", file.name.c_str(),
                  untrusted ? " --untrusted" : "", result.code, result.seconds, result.megabytes, file.refusal.c_str(),
                  result.out.c_str(), result.error.c_str());
    }
  }
  std::printf("%d refusals, %d failed; the slowest took %.2f s, the largest %.0f MB\n", refusals, failures, slowest,
              largest);
  return failures > 0;
}
