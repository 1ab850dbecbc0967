#pragma once
#include <tessera/cli/engine.hpp>

namespace tessera::cli {
/// The engine that is linked into this binary, with libtorch.
const Engine& linked_engine();
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/linked_engine.hpp>
#endif
