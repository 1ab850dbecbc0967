#pragma once
#include <stdexcept>
#include <string>

#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/commands.hpp>

namespace tessera::cli {
/// The commands that need libtorch.  A program that trains has them linked in (<tessera/cli/linked_engine.hpp>).  Where
/// a wrong command line is to be refused at once they are in a shared library of their own, which is opened where a
/// command needs them: to load libtorch takes longer than all else.
struct Engine {
  const char* version;  ///< of the library that it was built of
  std::string (*libraries)();
  void (*train)(TrainCommand c);
  void (*evaluate)(const EvaluateCommand& c);
  void (*train_model)(const ModelTrainCommand& c);
  void (*inspect_model)(const ModelInspectCommand& c);
  void (*collect)(const CollectCommand& c);
  void (*rollout)(const RolloutCommand& c);
};
/// The name under which a shared library has a function that returns its `const Engine*`.
inline constexpr const char* engine_symbol = "tessera_engine";

/// Opens the engine of a program of two binaries: `library`, beside the program or in `installed_folder`, which is
/// relative to the program's.
/// Throws NoEngine where there is none, or one of another version.
const Engine& open_engine(const std::string& library, const std::string& installed_folder);

/// There is no engine that can be opened.
struct NoEngine : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A library failed at what it was asked for; `what()` is its own words, one line.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/open_engine.hpp>
#endif
