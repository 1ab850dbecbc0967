#pragma once
#include <string>

// The functions of the command line stand in tessera/cli/impl/.  A program that links `tessera::cli` has them compiled,
// which TESSERA_CLI_COMPILED says; any other has them from the headers, each declaring header including its own.
#if TESSERA_CLI_COMPILED
#define TESSERA_CLI_INLINE
#else
#define TESSERA_CLI_INLINE inline
#endif

namespace tessera::cli {
/// The program's name in its messages; set by `run`.
inline std::string& program_name() {
  static std::string name = "tessera";
  return name;
}
}  // namespace tessera::cli
