// The command line tool.  Its algorithms, environments and readers are those in algorithms.txt and environments.cpp,
// and the built-in readers of `load_dataset`.
#include <tessera/cli/front.hpp>

namespace {
const tessera::cli::Engine& engine() {
  static const auto& opened = tessera::cli::open_engine("libtessera_engine.so", TESSERA_ENGINE_FOLDER);
  return opened;
}
}  // namespace

int main(int argc, char** argv) { return tessera::cli::run(argc, argv, {.name = "tessera", .engine = &engine}); }
