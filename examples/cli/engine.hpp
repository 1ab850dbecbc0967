#pragma once
#include <stdexcept>
#include <string>

#include "commands.hpp"

namespace tessera::cli {
/// The commands that need libtorch.  They are in a shared library of their own, `libtessera_engine.so`, which the tool opens where a command
/// needs them: to load libtorch takes longer than all else that a wrong command line is refused for.
struct Engine {
  const char* version;  ///< of the tool that it belongs to
  std::string (*libraries)();
  void (*train)(TrainCommand c);
  void (*evaluate)(const EvaluateCommand& c);
  void (*train_model)(const ModelTrainCommand& c);
  void (*inspect_model)(const ModelInspectCommand& c);
};
/// The name under which the library has its `Engine`.
inline constexpr const char* engine_symbol = "tessera_engine";

/// A library failed at what it was asked for; `what()` is its own words, one line.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace tessera::cli
