#pragma once
#include <torch/version.h>

#include <new>
#include <string>
#include <utility>

#include <tessera/cli/collect.hpp>
#include <tessera/cli/export_policy.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/linked_engine.hpp>
#include <tessera/cli/model.hpp>
#include <tessera/cli/ope.hpp>
#include <tessera/cli/select_runs.hpp>
#include <tessera/cli/train.hpp>
#include <tessera/nn/gemm.hpp>
#include <tessera/support/error.hpp>
#include <tessera/version.hpp>

namespace tessera::cli {
namespace detail {
inline std::string libraries() { return std::string("libtorch ") + TORCH_VERSION + ", GEMM " + nn::gemm_name(); }

// Exceptions of libtorch are known only here; so is whether a signal has ended what an error is about, such as an
// environment that did not answer.
template <auto command, class... Args>
void guarded(Args... args) {
  try {
    command(std::forward<Args>(args)...);
  } catch (const c10::Error& error) {
    const std::string all = error.what_without_backtrace(), first = all.substr(0, all.find('\n'));
    if (first.find("allocate memory") != std::string::npos || first.find("out of memory") != std::string::npos)
      throw std::bad_alloc();
    throw Failed("libtorch: " + first);
  } catch (const Diverged&) {
    throw;
  } catch (const Error& error) {
    if (interrupted()) throw Interrupted(error.what());
    throw;
  }
}
}  // namespace detail

TESSERA_CLI_INLINE const Engine& linked_engine() {
  static const Engine engine = {
      library_version,
      &detail::libraries,
      &detail::guarded<&train, TrainCommand>,
      &preload,
      &detail::guarded<&evaluate, const EvaluateCommand&>,
      &detail::guarded<&train_model, const ModelTrainCommand&>,
      &detail::guarded<&inspect_model, const ModelInspectCommand&>,
      &detail::guarded<&collect, const CollectCommand&>,
      &detail::guarded<&rollout, const RolloutCommand&>,
      &detail::guarded<&export_policy, const ExportCommand&>,
      &detail::guarded<&judge, const OpeCommand&>,
      &detail::guarded<&select_runs, const SelectCommand&>,
  };
  return engine;
}
}  // namespace tessera::cli
