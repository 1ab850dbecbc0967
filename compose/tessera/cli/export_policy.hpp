#pragma once
#include <tessera/cli/export_command.hpp>

namespace tessera::cli {
/// Writes a run's policy for other programs, and prints what was written.
void export_policy(const ExportCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/export_policy.hpp>
#endif
