#include "engine.hpp"

#include <torch/version.h>

#include <new>
#include <string>
#include <utility>

#include <tessera/nn/gemm.hpp>

namespace tessera::cli {
namespace {
std::string libraries() { return std::string("libtorch ") + TORCH_VERSION + ", GEMM " + nn::gemm_name(); }

// What libtorch throws is known here alone.
template <auto command, class... Args>
void guarded(Args... args) {
  try {
    command(std::forward<Args>(args)...);
  } catch (const c10::Error& error) {
    const std::string all = error.what_without_backtrace(), first = all.substr(0, all.find('\n'));
    if (first.find("allocate memory") != std::string::npos || first.find("out of memory") != std::string::npos) throw std::bad_alloc();
    throw Failed("libtorch: " + first);
  }
}
}  // namespace
}  // namespace tessera::cli

extern "C" __attribute__((visibility("default"))) const tessera::cli::Engine tessera_engine = {
    TESSERA_VERSION,
    &tessera::cli::libraries,
    &tessera::cli::guarded<&tessera::cli::train, tessera::cli::TrainCommand>,
    &tessera::cli::guarded<&tessera::cli::evaluate, const tessera::cli::EvaluateCommand&>,
    &tessera::cli::guarded<&tessera::cli::train_model, const tessera::cli::ModelTrainCommand&>,
    &tessera::cli::guarded<&tessera::cli::inspect_model, const tessera::cli::ModelInspectCommand&>,
};
