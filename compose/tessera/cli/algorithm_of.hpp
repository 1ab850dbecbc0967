#pragma once
#include <string>

#include <tessera/cli/catalog.hpp>
#include <tessera/cli/run_config.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli::detail {
// The recipe that made a run.
inline const AlgorithmEntry& algorithm_of(const std::string& run, const RunConfig& config) {
  const auto space = space_of(config.data.kind);
  if (const auto* found = find_algorithm(config.command.algorithm, space)) return *found;
  try {
    return algorithm_for("its actions are " + space, config.command.algorithm, space);
  } catch (const Error& error) {
    throw Error(run + "/config.json: " + error.what());
  }
}
}  // namespace tessera::cli::detail
