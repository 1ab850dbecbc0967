#pragma once
#include <string>

#include <tessera/data/dataset.hpp>

#include "commands.hpp"

namespace tessera::cli {
/// From now on the files of environments are read so.  Of either of the tool's two binaries: for the one that calls it.
void read_environments(const Reading& reading);

/// Opens a data set, of a file or not; a signal that is remembered ends it.
Dataset load(const std::string& source, const Reading& reading);
}  // namespace tessera::cli
