#pragma once
#include <stdexcept>
#include <string>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// What SIGINT, SIGTERM and SIGHUP do.  Of the whole process: to be called by the program, not by a library.
///
/// From now on they end the program at once, with 130, 143 or 129: nothing is there yet that could be saved.
void end_on_signals();
/// From now on the first is remembered, and whoever works looks whether there was one; a second ends the program at
/// once.  What follows the first within a fifth of a second counts as the same: a terminal that closes tells it twice.
void remember_signals();
/// Whether there was one.
bool interrupted();

/// A signal ended the work; `what()` says what there is now, `code` is what the program ends with.
struct Interrupted : std::runtime_error {
  explicit Interrupted(const std::string& what);
  int code;
};

/// Makes the three standard streams safe: one that is closed never becomes a file that we open, and writing to one
/// whose reader has gone is an error and not the end.  Of the whole process.
void guard_streams();
/// Writes out what waits for standard output.  Throws Error where it did not all arrive.
void finish_output();
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/interrupt.hpp>
#endif
