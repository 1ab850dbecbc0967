#pragma once
#include <string>

#include <tessera/cli/commands.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera::cli {
/// Sets how task files are read from now on, in the binary that calls it.
void read_environments(const Reading& reading);

/// What reading `what` may take; a remembered signal interrupts it.
ReadLimits reading_limits(const Reading& reading, const std::string& what);

/// Opens a data set, from a file or another source; a remembered signal interrupts it.  `may_stay`: whether the
/// transitions of a store that takes too much memory may stay on the disk, which is said then.
Dataset load(const std::string& source, const Reading& reading, bool may_stay = false);
/// Of data whose transitions stay on the disk a part that fits into memory, to look for what is odd in it, and says so;
/// else all.
Dataset in_memory(Dataset data, const Reading& reading);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/load.hpp>
#endif
