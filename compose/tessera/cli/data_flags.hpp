#pragma once
#include <string>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// What flags say about a data set's file.  It becomes a part of the data set's name, so that a run that goes on, and
/// whoever reads its config.json, reads the same data in the same way.
struct DataFlags {
  std::string columns;  ///< --columns: a mapping, or @FILE with one
  std::string missing;  ///< --missing
  std::string actions;  ///< --actions: discrete or continuous

  bool any() const { return !columns.empty() || !missing.empty() || !actions.empty(); }
};

/// The name with the flags as its options.  Throws an Error for flags that cannot be right, and where there is no name.
std::string with_flags(const std::string& dataset, const DataFlags& flags);

/// The name of data that lie elsewhere now: `now`, with the options that `then` had, if it has none of its own.
std::string moved_dataset(const std::string& now, const std::string& then);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/data_flags.hpp>
#endif
