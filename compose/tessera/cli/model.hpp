#pragma once
#include <tessera/cli/commands.hpp>

namespace tessera::cli {
/// Trains a dynamics model, and writes config.json, training.csv, training.svg, training.png and model.safetensors into
/// a folder.
void train_model(const ModelTrainCommand& c);
/// Prints a dynamics model's errors, step by step, and draws open_loop.svg and open_loop.png.
void inspect_model(const ModelInspectCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/model.hpp>
#endif
