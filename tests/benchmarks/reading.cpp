// Reads a data set and prints what it took: "seconds peak_bytes transitions".  See reading.sh.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <exception>

#include <tessera/sources/load.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const auto start = std::chrono::steady_clock::now();
  const auto data = tessera::load_dataset(argv[1]);
  const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf("%.3f %ld %lld\n", seconds, used.ru_maxrss * 1024, static_cast<long long>(data.size()));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
