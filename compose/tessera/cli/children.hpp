#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// How a child process ended.
struct ChildEnd {
  int code = 0;         ///< its exit code; 128 + N where signal N killed it
  std::string error{};  ///< the line of its error without "PROGRAM: error: "; where it left none, what became of it
};

/// The cores that this process may use, by their numbers; empty where the system does not say.
std::vector<int> own_cores();
/// The calling thread stays on these from here on, and so do the threads and processes that it makes; where the system
/// does not let it, it stays where it was.
void stay_on(const std::vector<int>& cores);

/// Work that is forked off: what the parent has in memory, its data sets and libraries, the children share until they
/// change it.
struct Children {
  /// In a child: does the work of a list of words and returns the exit code.  The child ends without the destructors of
  /// what the parent had.
  std::function<int(const std::vector<std::string>&)> work;
  /// In a child, first: lets go of what is the parent's alone.
  std::function<void()> leave = [] {};
};

/// Forks a child for each list of words, at most `together` of them at a time, in the order of the list; returns when
/// all have ended.  Where there are as many at a time as cores, each child stays on a core of its own, as do the
/// processes that it starts.  The parent must have no threads that the work waits for: a child has only the thread that
/// forked.
///
/// A signal that is remembered (see interrupt.hpp) is passed on to each child once, and starts no more.  The children
/// have process groups of their own, so that a terminal's Ctrl-C reaches them in no other way, and a SIGTERM where this
/// process is killed.  Whatever ends this function ends them too.
///
/// `line(i, text)` is called for each line that child i writes, on either stream, except that of its error;
/// `ended(i, how)` when it has ended.  The texts are not printable yet.
void run_children(const Children& children, const std::vector<std::vector<std::string>>& words, std::size_t together,
                  const std::function<void(std::size_t, const std::string&)>& line,
                  const std::function<void(std::size_t, const ChildEnd&)>& ended);

/// The same of work that comes one piece after the other: `take()` gives the words of the next, which is child 0, 1,
/// ...; nothing where there is none yet, as `more()` says whether there may be later.
struct Supply {
  std::function<std::optional<std::vector<std::string>>()> take;
  std::function<bool()> more;
  /// Called about twenty times a second; of the children whose numbers it returns each is told to end (SIGTERM).
  std::function<std::vector<std::size_t>()> unwanted = [] { return std::vector<std::size_t>(); };
};
void run_children(const Children& children, const Supply& supply, std::size_t together,
                  const std::function<void(std::size_t, const std::string&)>& line,
                  const std::function<void(std::size_t, const ChildEnd&)>& ended);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/children.hpp>
#endif
