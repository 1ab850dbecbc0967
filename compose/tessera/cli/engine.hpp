#pragma once
#include <stdexcept>
#include <string>

#include <tessera/cli/collect_commands.hpp>
#include <tessera/cli/commands.hpp>
#include <tessera/cli/export_command.hpp>
#include <tessera/cli/ope_commands.hpp>

namespace tessera::cli {
/// The commands that need libtorch.  A program that trains has them linked in (<tessera/cli/linked_engine.hpp>).  To
/// reject a wrong command line without delay, a program can have them in a separate shared library, which is loaded
/// only when a command needs them: loading libtorch takes longer than everything else.
struct Engine {
  const char* version;  ///< of the library that it was built from
  std::string (*libraries)();
  void (*train)(TrainCommand c);
  void (*preload)(const TrainCommand& c, bool (*stopped)());
  void (*evaluate)(const EvaluateCommand& c);
  void (*train_model)(const ModelTrainCommand& c);
  void (*inspect_model)(const ModelInspectCommand& c);
  void (*collect)(const CollectCommand& c);
  void (*rollout)(const RolloutCommand& c);
  void (*export_policy)(const ExportCommand& c);
  void (*judge)(const OpeCommand& c);
  void (*select)(const SelectCommand& c);
};
/// The symbol of the function in a shared library that returns its `const Engine*`.
inline constexpr const char* engine_symbol = "tessera_engine";

/// Opens the engine of a program of two binaries: `library`, next to the program or in `installed_folder`, which is
/// relative to the program's.
/// Throws NoEngine if there is none, or one of another version.
const Engine& open_engine(const std::string& library, const std::string& installed_folder);

/// No engine can be opened.
struct NoEngine : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A library failed at a request; `what()` is its own message, in one line.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/open_engine.hpp>
#endif
