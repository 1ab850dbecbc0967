// The library that the tool opens when a command needs libtorch.
#include <tessera/cli/linked_engine.hpp>

extern "C" __attribute__((visibility("default"))) const tessera::cli::Engine* tessera_engine() {
  return &tessera::cli::linked_engine();
}
