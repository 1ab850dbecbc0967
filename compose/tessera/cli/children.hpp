#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// How a child process ended.
struct ChildEnd {
  int code = 0;         ///< its exit code; 128 + N where signal N killed it
  std::string error{};  ///< the line of its error without "PROGRAM: error: "; where it left none, what became of it
};

/// Runs this program's own file again, once for each list of words (the program's name is not among them), at most
/// `together` of them at a time, in the order of the list; returns when all have ended.
///
/// A signal that is remembered (see interrupt.hpp) is passed on to each child once, and starts no more.  The children
/// have process groups of their own, so that a terminal's Ctrl-C reaches them in no other way, and a SIGTERM where this
/// process is killed.  Whatever ends this function ends them too.
///
/// `line(i, text)` is called for each line that child i writes, on either stream, except that of its error;
/// `ended(i, how)` when it has ended.  The texts are not printable yet.
void run_children(const std::vector<std::vector<std::string>>& words, std::size_t together,
                  const std::function<void(std::size_t, const std::string&)>& line,
                  const std::function<void(std::size_t, const ChildEnd&)>& ended);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/children.hpp>
#endif
