#pragma once
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <utility>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
/// What a child process may take.
struct ChildLimits {
  double seconds = 120;             ///< of processor time, and by the clock
  std::uint64_t memory = 1u << 30;  ///< bytes, beside what this process has already
};

namespace detail {
struct PipeEnded {};
struct PipeLate {};

/// The writing end, in the child.  When nobody reads any more, the child ends.
class PipeOut {
 public:
  explicit PipeOut(int end) : end_(end) {}
  void write(const void* from, std::size_t size);

 private:
  int end_;
};

/// The reading end, in the parent, and the child behind it, which does not outlive it.
class Child {
 public:
  using clock = std::chrono::steady_clock;
  Child(pid_t id, int end, double seconds, std::function<void()> meanwhile)
      : id_(id), end_(end), late_(clock::now() + std::chrono::milliseconds(std::int64_t(1000 * seconds))),
        meanwhile_(std::move(meanwhile)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  void read(void* to, std::size_t size);

  /// Ends it, if it has not ended, and says how it did: the status that waitpid gives.
  int end();

 private:
  pid_t id_;
  int end_, status_ = 0;
  clock::time_point late_;
  std::function<void()> meanwhile_;
};

void limit(int what, std::uint64_t to);

/// Bytes of address space that this process has; 0 where the system does not say.
std::uint64_t address_space();

/// In the child: gives up what reading a file does not take.  `keep` is the pipe; returns its new number.
int give_up_powers(int keep, const ChildLimits& limits, pid_t parent);
}  // namespace detail

/// Runs produce(out) in a child process with limits, and consume(in) on what it writes, here; returns what that
/// returns.  What the child throws as an `Error` is thrown here.  A crash, too much time and too much memory are an
/// `Error` too, which begins with `about`, and leave this process as it was.  `meanwhile` is called ten times a second;
/// what it throws ends the child.
///
/// The child is a copy of this process (fork, without exec: a library has no program of its own to start), so produce
/// may only use what a copy of the calling thread alone can use.  Best called before there are other threads: a lock
/// that one of them holds at this moment (but those of the C library's memory) stays locked in the child, which then
/// ends by its time limit.
template <class Produce, class Consume>
auto in_child_process(const std::string& about, const ChildLimits& limits, const std::function<void()>& meanwhile,
                      Produce produce, Consume consume) {
  enum : std::uint8_t { good, refused, no_memory };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(about + ": cannot create a pipe (" + std::strerror(errno) + "); close other programs");
  const auto parent = ::getpid();
  const auto id = ::fork();
  if (id < 0) {
    const int why = errno;
    ::close(ends[0]), ::close(ends[1]);
    throw Error(about + ": cannot start a process to read it in (" + std::strerror(why) + "); close other programs");
  }
  if (id == 0) {
    detail::PipeOut out(detail::give_up_powers(ends[1], limits, parent));
    const auto say = [&](std::uint8_t what, const std::string& text) {
      const auto size = static_cast<std::uint32_t>(text.size());
      out.write(&what, 1), out.write(&size, sizeof size), out.write(text.data(), text.size());
      ::_exit(0);
    };
    try {
      produce([&out]() -> detail::PipeOut& {  // called when all is read, right before the first byte is written
        const std::uint8_t what = good;
        out.write(&what, 1);
        return out;
      });
    } catch (const std::bad_alloc&) {
      say(no_memory, "");
    } catch (const std::exception& error) {
      say(refused, printable(error.what()));
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }

  ::close(ends[1]);
  detail::Child child(id, ends[0], limits.seconds, meanwhile);
  const auto end = std::string("; the file is damaged or malicious: copy or download it again");
  try {
    std::uint8_t what = 0;
    child.read(&what, 1);
    if (what == good) return consume(child);
    std::uint32_t size = 0;
    child.read(&size, sizeof size);
    std::string text(std::min<std::uint32_t>(size, 1 << 13), '\0');
    child.read(text.data(), text.size());
    if (what == refused) throw Error(printable(text));
    throw Error(about + ": takes more memory to read than it is allowed" + end);
  } catch (const detail::PipeLate&) {
    throw Error(about + ": was not read within " + std::to_string(int(std::ceil(limits.seconds))) + " seconds" + end);
  } catch (const detail::PipeEnded&) {
    const int status = child.end();
    if (!WIFSIGNALED(status)) throw Error(about + ": the process that read it ended too early" + end);
    const int signal = WTERMSIG(status);
    if (signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL)
      throw Error(about + ": took too much time or memory to read, and was stopped" + end);
    throw Error(about + ": crashed the process that read it (" + ::strsignal(signal) + ")" + end);
  }
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/child_process.impl.hpp>
#endif
