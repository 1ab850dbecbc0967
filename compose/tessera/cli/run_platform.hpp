#pragma once
#include <string>

#include <tessera/cli/run_config.hpp>

namespace tessera::cli {
/// What the last digits of a run's numbers depend on, as this program is set up.
RunPlatform this_platform(const std::string& device);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/run_platform.hpp>
#endif
