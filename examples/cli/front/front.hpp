#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "../commands.hpp"
#include "../engine.hpp"

/// What the tool does without its engine.
namespace tessera::cli {
/// There is no engine that can be opened.
struct NoEngine : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The engine, opened on the first call.
const Engine& engine();

void list_algorithms();
void explain(const std::string& algorithm, const std::vector<std::string>& set);
void inspect(const std::string& dataset, std::int64_t episode_length, const Reading& reading);

/// Throw Error for what can be seen to be wrong with a command without libtorch, before anything is loaded, made or written.
void refuse(const TrainCommand& c);
void refuse(const EvaluateCommand& c);
void refuse(const ModelTrainCommand& c);
void refuse(const ModelInspectCommand& c);
}  // namespace tessera::cli
