#pragma once
// The command that writes a trained policy for other programs, as it was typed.
#include <string>
#include <utility>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
struct ExportCommand {
  std::string run, to, out, name = "policy", noise = "fixed";
  bool weights_file = false, overwrite = false;
  std::vector<std::string> given{};  ///< flags that were typed
};
/// Formats of --to, and the endings of their files.
const std::vector<std::pair<std::string, std::string>>& export_formats();
/// The file that is written: --out, or policy.ENDING in the run's folder.
std::string export_file(const ExportCommand& c);

/// Throws Error for what can be seen without libtorch, before anything is written.
void refuse(const ExportCommand& c);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/export_command.hpp>
#endif
