#include <torch/version.h>

#include <tessera/nn/gemm.hpp>
#include <tessera/nn/threads.hpp>

#include "run_config.hpp"

namespace tessera::cli {
RunPlatform this_platform(const std::string& device) {
  return {nn::pool().threads(), device, nn::gemm_name() + " " + nn::gemm_core_type(), TORCH_VERSION};
}
}  // namespace tessera::cli
