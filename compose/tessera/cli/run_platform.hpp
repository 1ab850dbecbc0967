#pragma once
#include <string>

#include <tessera/cli/run_config.hpp>
#include <tessera/options/precision.hpp>

namespace tessera::cli {
/// What the rounding of a run's numbers depends on, in this program's setup; its products are of a precision.
RunPlatform this_platform(const std::string& device, precision products = precision::float32);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/run_platform.hpp>
#endif
