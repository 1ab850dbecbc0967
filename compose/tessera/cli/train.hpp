#pragma once
#include <tessera/cli/commands.hpp>

namespace tessera::cli {
/// Trains, and writes config.json, metrics.csv, checkpoint.safetensors, curve.svg and curve.png into a folder.
void train(TrainCommand c);
void evaluate(const EvaluateCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/train.hpp>
#endif
