#pragma once
#include <fmt/format.h>
#include <torch/version.h>

#include <tessera/cli/run_config.hpp>
#include <tessera/cli/run_platform.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/nn/threads.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
namespace detail {
// "GCC 12.2.0, optimized, x86-64".
inline std::string build_text() {
#if defined(__clang__)
  auto text = fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
  auto text = fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
  std::string text = "another compiler";
#endif
#if defined(__OPTIMIZE__)
  text += ", optimized";
#else
  text += ", not optimized";
#endif
#if defined(__x86_64__)
  text += ", x86-64";
#elif defined(__aarch64__)
  text += ", aarch64";
#endif
  return text;
}
}  // namespace detail

TESSERA_CLI_INLINE RunPlatform this_platform(const std::string& device, precision products) {
  const auto product = nn::gemm_name() + " " + nn::gemm_core_type() + (products == precision::bf16 ? ", bf16" : "");
  return {nn::pool().threads(), device, product, TORCH_VERSION, library_version, detail::build_text()};
}
}  // namespace tessera::cli
