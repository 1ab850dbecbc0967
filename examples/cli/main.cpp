// The command line tool.  Its algorithms, environments and readers: algorithms.txt, environments.cpp, and those that
// `load_dataset` knows by itself.
#include <tessera/cli/front.hpp>

namespace {
const tessera::cli::Engine& engine() {
  static const auto& opened = tessera::cli::open_engine("libtessera_engine.so", TESSERA_ENGINE_FOLDER);
  return opened;
}
}  // namespace

int main(int argc, char** argv) { return tessera::cli::run(argc, argv, {.name = "tessera", .engine = &engine}); }
