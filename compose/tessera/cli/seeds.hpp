#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/cli/seed_run.hpp>

namespace tessera::cli {

/// Runs as they were named, with those in a folder that holds several in its place, as far as they have a checkpoint;
/// what else is in such a folder, as `OUT/*` names it, is left out.  A line says of each what was left out.
std::vector<std::string> runs_in(const std::vector<std::string>& named);

/// Throws an Error for mistakes in a command with --seeds or --grid, or with --resume of a folder that holds several,
/// before anything is created or written.
void refuse_seeds(const TrainCommand& c);

/// Trains a run for each seed, OUT/seed-N, or for each setting of a grid and seed, OUT/KEY=VALUE,seed-N, each with one
/// thread on a core of its own, as many at a time as the process has cores or --threads says; those that have ended
/// already, in a folder that goes on, are not run again.  This process reads the data once and forks each run off, so
/// that all of them share the data in memory, and one that fails takes no other with it.  Then prints and writes what
/// they have in common, and returns the exit code.  Each run is the same to the bit as if it had been started alone
/// with its --set, --seed N and --threads 1.
int train_seeds(const SeedsCommand& c, const Program& program);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/seeds.hpp>
#endif
