#pragma once
#include <torch/version.h>

#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_platform.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/threads.hpp>

namespace tessera::cli {
TESSERA_CLI_INLINE RunPlatform this_platform(const std::string& device) {
  return {nn::pool().threads(), device, nn::gemm_name() + " " + nn::gemm_core_type(), TORCH_VERSION};
}
}  // namespace tessera::cli
