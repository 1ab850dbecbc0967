#pragma once
#include <stdexcept>
#include <string>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// How the process handles SIGINT, SIGTERM and SIGHUP.  Affects the whole process: call it from the program, not from a
/// library.
///
/// From now on these signals end the program at once, with 130, 143 or 129: there is nothing to save yet.
void end_on_signals();
/// From now on the first signal is remembered, and long-running work polls for it; a second one ends the program at
/// once.  Signals within a fifth of a second of the first count as the same: a closing terminal sends two.
void remember_signals();
/// Whether a signal has arrived.
bool interrupted();
/// The first signal that arrived, or 0.
int interrupting_signal();

/// The environment variable that names the process which has started this one and is to outlive it.
inline constexpr const char* parent_variable = "TESSERA_PARENT";
/// If that variable names this process's parent, its end is a SIGTERM for this process from now on (on Linux).
void end_with_parent();

/// A signal ended the work; `what()` says what has been saved, `code` is the program's exit code.
struct Interrupted : std::runtime_error {
  explicit Interrupted(const std::string& what);
  int code;
};

/// Makes the three standard streams safe: the descriptor of a closed one is never reused for a file, and writing to a
/// pipe whose reader has gone is an error that does not end the program.  Affects the whole process.
void guard_streams();
/// Flushes standard output.  Throws an Error if not everything could be written.
void finish_output();
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/interrupt.hpp>
#endif
