#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/engine.hpp>
#include <tessera/cli/program.hpp>

/// The part of a program that needs no libtorch.
namespace tessera::cli {
void list_algorithms();
/// `actions`: "continuous" or "discrete", the kind that it is explained for; "": the one that the settings are for.
void explain(const std::string& algorithm, const std::vector<std::string>& set, const std::string& actions = "");
/// `as_json`: one object instead of text, see `inspect_json`.
void inspect(const std::string& dataset, std::int64_t episode_length, const Reading& reading, bool as_json = false);

/// A data set to write in another format.
struct ConvertCommand {
  std::string dataset, out;
  std::string to;  ///< the writer's name; "": the one that the ending of `out` asks for
  bool overwrite = false;
  bool append = false;              ///< to the store that is there
  std::int64_t episode_length = 0;  ///< 0: as marked in the file
  std::vector<std::string> repair;  ///< names of repairs, in the order in which they are made: see doctor/repairs.hpp
  std::string action_low, action_high;  ///< as in TrainCommand
  Reading reading;
};
/// Writes it, and prints what the format cannot hold, a line for each thing.
void convert(const ConvertCommand& c);

/// Throw an Error for mistakes in a command that can be found without libtorch, before anything is loaded, created or
/// written.
void refuse(const TrainCommand& c);
void refuse(const EvaluateCommand& c);
void refuse(const ModelTrainCommand& c);
void refuse(const ModelInspectCommand& c);
void refuse(const ConvertCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/convert.hpp>
#include <tessera/cli/impl/inspect.hpp>
#include <tessera/cli/impl/refuse.hpp>
#include <tessera/cli/impl/run.hpp>
#endif
