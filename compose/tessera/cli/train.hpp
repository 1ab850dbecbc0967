#pragma once
#include <tessera/cli/commands.hpp>

namespace tessera::cli {
/// Trains, and writes config.json, metrics.csv, checkpoint.safetensors, curve.svg and curve.png into a folder.
void train(TrainCommand c);
void evaluate(const EvaluateCommand& c);
/// Reads the data set of a run, and makes its replay, for the runs that this process is going to fork off (see
/// preloaded.hpp); of a run that goes on the data set alone.  Says nothing and throws nothing: where something is
/// wrong, nothing is kept, and each of the runs finds it.  `stopped`: whether a signal has arrived.
void preload(const TrainCommand& c, bool (*stopped)());
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/train.hpp>
#endif
