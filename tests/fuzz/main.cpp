// fuzz_NAME [--seconds S] [--seeds FOLDER] [FILE or FOLDER]...: gives the target each file, then S seconds of mutations
// of its seeds, the same every time.  --seeds writes the seeds into a folder instead, for libFuzzer.  An input that
// crashes or hangs is left in crash-NAME.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "mutator.hpp"

namespace {
namespace fs = std::filesystem;
constexpr unsigned seconds_for_one = 10;
const char* left = "crash";        // where an input that ends the program is written
const std::string* now = nullptr;  // the input under way

extern "C" void keep_input(int signal) {
  const int file = open(left, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && now) {
    const auto written = write(file, now->data(), now->size());
    static_cast<void>(written);
    close(file);
  }
  const char said[] = "the input is in the file crash-NAME of this folder\n";
  const auto written = write(2, said, sizeof said - 1);
  static_cast<void>(written);
  ::signal(signal, SIG_DFL);
  raise(signal);
}

void run(const std::string& input) {
  now = &input;
  alarm(seconds_for_one);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  alarm(0);
  now = nullptr;
}

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
}  // namespace

int main(int argc, char** argv) {
  const std::string name = "crash-" + fs::path(argv[0]).filename().string().substr(5);
  left = name.c_str();
  double seconds = 2;
  std::vector<fs::path> files;
  const auto seeds = tessera::fuzz::seeds();
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else if (argument == "--seeds" && i + 1 < argc) {
      const fs::path folder = argv[++i];
      fs::create_directories(folder);
      for (std::size_t k = 0; k < seeds.size(); ++k)
        std::ofstream(folder / ("seed-" + std::to_string(k)), std::ios::binary) << seeds[k];
      return 0;
    } else if (fs::is_directory(argument)) {
      for (const auto& each : fs::directory_iterator(argument)) files.push_back(each.path());
    } else if (fs::exists(argument)) {
      files.emplace_back(argument);
    }
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM}) ::signal(signal, keep_input);

  std::sort(files.begin(), files.end());
  for (const auto& file : files) run(bytes_of(file));
  for (const auto& seed : seeds) run(seed);
  tessera::fuzz::Mutator mutator(seeds);
  std::size_t count = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  for (; passed() < seconds; ++count) run(mutator.next());
  std::printf("%zu files, %zu seeds, %zu mutations in %.1f s\n", files.size(), seeds.size(), count, passed());
}
