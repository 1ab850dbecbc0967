#pragma once
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <tessera/cli/interrupt.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace detail {
inline std::atomic<bool> remembers = false;
inline std::atomic<int> first_signal = 0;
inline std::atomic<std::int64_t> first_at = 0;  // in milliseconds
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

inline std::int64_t milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

// The handlers' messages, composed before there is a handler.
struct LastWords {
  std::string early = program_name() + ": error: interrupted before there was anything to save; nothing was written\n";
  std::string again = program_name() + ": error: interrupted twice; what was saved before stays\n";
};
inline const LastWords& last_words() {
  static const LastWords words;
  return words;
}

// Calls only async-signal-safe functions.
inline void on_signal(int signal) {
  if (remembers) {
    const auto now = milliseconds();
    if (std::int64_t none = 0; first_at.compare_exchange_strong(none, now)) {
      first_signal = signal;
      return;
    }
    if (now - first_at < 200) return;
  }
  const auto& text = first_signal != 0 ? last_words().again : last_words().early;
  const auto said = write(STDERR_FILENO, text.data(), text.size());
  (void)said;
  _exit(128 + signal);
}

// Runs on a separate stack: oneDNN's matrix product (2.6, AVX-512) keeps its stack pointer in a buffer on the heap,
// where a handler's frame would overwrite what lies below.
inline void install() {
  static const bool once = [] {
    last_words();
    static char memory[64 * 1024];
    stack_t stack{};
    stack.ss_sp = memory;
    stack.ss_size = sizeof memory;
    sigaltstack(&stack, nullptr);
    struct sigaction action {
    }, before{};
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&action.sa_mask, signal);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      // An ignored SIGHUP stays ignored: that is what `nohup` is for.  An ignored SIGINT does not: a shell ignores it
      // in background jobs only so that they do not react to its own Ctrl-C.
      if (signal == SIGHUP && sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
      sigaction(signal, &action, nullptr);
    }
    return true;
  }();
  (void)once;
}
}  // namespace detail

TESSERA_CLI_INLINE void end_on_signals() {
  detail::remembers = false;
  detail::install();
}
TESSERA_CLI_INLINE void remember_signals() {
  detail::remembers = true;
  detail::install();
}
TESSERA_CLI_INLINE bool interrupted() { return detail::first_signal != 0; }
TESSERA_CLI_INLINE int interrupting_signal() { return detail::first_signal; }

TESSERA_CLI_INLINE void end_with_parent() {
  const char* text = std::getenv(parent_variable);
  if (text == nullptr) return;
  const std::string parent = text;
  unsetenv(parent_variable);  // it is not for the programs that this one starts
#ifdef __linux__
  if (parent != std::to_string(getppid())) return;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (parent != std::to_string(getppid())) raise(SIGTERM);  // it ended in between
#endif
}

TESSERA_CLI_INLINE Interrupted::Interrupted(const std::string& what)
    : std::runtime_error(what), code(128 + (detail::first_signal != 0 ? detail::first_signal.load() : SIGINT)) {}

TESSERA_CLI_INLINE void guard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
      // The lowest free number, which is this one.  Writes to a closed standard output then fail, as they should;
      // standard error may be lost.
      const int opened = open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
      (void)opened;
    }
  signal(SIGPIPE, SIG_IGN);
}

TESSERA_CLI_INLINE void finish_output() {
  errno = 0;
  std::cout.flush();
  const bool whole = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good();
  const int code = errno;
  if (whole) return;
  throw Error(std::string("standard output: the result cannot be written") +
              (code != 0 ? std::string(" (") + std::strerror(code) + ")" : "") + "; check where it leads to");
}
}  // namespace tessera::cli
