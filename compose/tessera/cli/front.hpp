#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/engine.hpp>

/// What a program does without libtorch.
namespace tessera::cli {
/// A program with the commands of `tessera`.
struct Program {
  std::string name;           ///< what it calls itself; "": the name of its file
  const Engine& (*engine)();  ///< asked where a command needs libtorch
};
/// All of `main`: does what the command line says, with the algorithms, environments and readers that are registered.
/// Returns the exit code; what went wrong is one line on standard error.
int run(int argc, char** argv, const Program& program);

void list_algorithms();
/// `actions`: "continuous" or "discrete", the kind that it is explained for; "": the one that the settings are for.
void explain(const std::string& algorithm, const std::vector<std::string>& set, const std::string& actions = "");
void inspect(const std::string& dataset, std::int64_t episode_length, const Reading& reading);

/// Throw Error for what can be seen to be wrong with a command without libtorch, before anything is loaded, made or
/// written.
void refuse(const TrainCommand& c);
void refuse(const EvaluateCommand& c);
void refuse(const ModelTrainCommand& c);
void refuse(const ModelInspectCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/inspect.hpp>
#include <tessera/cli/impl/refuse.hpp>
#include <tessera/cli/impl/run.hpp>
#endif
