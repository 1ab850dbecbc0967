#pragma once
#include <string>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>

namespace tessera::cli {
/// From now on the files of tasks are read so.  Of either of a program's two binaries: for the one that calls it.
void read_environments(const Reading& reading);

/// Opens a data set, of a file or not; a signal that is remembered ends it.
Dataset load(const std::string& source, const Reading& reading);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/load.hpp>
#endif
