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
struct Engine;
/// The program's name in its messages; set by `run`.
inline std::string& program_name() {
  static std::string name = "tessera";
  return name;
}

/// A program with the commands of `tessera`.
struct Program {
  std::string name;           ///< its name in messages; "": the name of its file
  const Engine& (*engine)();  ///< called if a command needs libtorch
};
/// The whole of `main`: does what the command line says, with the registered algorithms, environments and readers.
/// Returns the exit code; an error is one line on standard error.
int run(int argc, char** argv, const Program& program);
}  // namespace tessera::cli
