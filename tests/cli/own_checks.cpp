// The command line with a check of a user's own.  It examines data and trains nothing, so it links no libtorch.
#include <cstring>

#include <tessera/cli/engine.hpp>
#include <tessera/cli/front.hpp>
#include <tessera/doctor/check.hpp>

using namespace tessera;

struct FastPendulum {
  static constexpr const char* name = "fast-pendulum";
  static constexpr auto level = severity::error;
  static void run(const Dataset& data, DoctorReport& report) {
    FoundRows fast;
    for (std::int64_t i = 0; i < data.size(); ++i)
      if (data.observation(i)[data.observation_size - 1] > 7) fast.add(i);
    if (fast.count() > 0)
      report.add({.what = fast.text(data) + ": turns at more than 7 rad/s",
                  .key = "observations [2]",
                  .count = fast.count(),
                  .rows = fast.rows(data),
                  .why = "the gauge is not calibrated above 7 rad/s",
                  .advice = "leave these rows out"});
  }
};
const Check<FastPendulum> fast_pendulum;

namespace {
const cli::Engine& engine() { throw cli::NoEngine("this program only examines data"); }
}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[argc - 1], "--check-twice") == 0) {
    const Check<FastPendulum> again;
    return cli::run(argc - 1, argv, {.name = "own_checks", .engine = &engine});
  }
  return cli::run(argc, argv, {.name = "own_checks", .engine = &engine});
}
