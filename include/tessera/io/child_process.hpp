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
/// The limits of a child process.
struct ChildLimits {
  double seconds = 120;             ///< of processor time, and of wall-clock time
  std::uint64_t memory = 1u << 30;  ///< bytes, in addition to what this process already has
};

namespace detail {
struct PipeEnded {};
struct PipeLate {};

/// The writing end of the pipe, in the child.  The child exits when nobody reads any more.
class PipeOut {
 public:
  explicit PipeOut(int end) : end_(end) {}
  void write(const void* from, std::size_t size);

 private:
  int end_;
};

/// The reading end of the pipe, in the parent, and the child behind it, which does not outlive this object.
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

  /// Kills the child if it has not exited, and returns its status as waitpid gives it.
  int end();

 private:
  pid_t id_;
  int end_, status_ = 0;
  clock::time_point late_;
  std::function<void()> meanwhile_;
};

void limit(int what, std::uint64_t to);

/// The bytes of address space that this process uses; 0 if the system does not say.
std::uint64_t address_space();

/// In the child: drops every privilege that reading a file does not need.  `keep` is the pipe; returns its new
/// descriptor.
int give_up_powers(int keep, const ChildLimits& limits, pid_t parent);
}  // namespace detail

/// Runs produce(out) in a child process with limits, and here consume(in) on what it writes; returns consume's result.
/// An `Error` that the child throws is thrown here.  A crash, too much time and too much memory are also an `Error`,
/// which begins with `about`, and leave this process unchanged.  `meanwhile` is called ten times a second; an exception
/// it throws ends the child.
///
/// The child is a copy of this process (fork without exec, because a library has no program of its own to start), so
/// produce may only use what a copy of the calling thread alone can use.  Best called before there are other threads: a
/// lock that one of them holds at this moment (except the C library's memory locks) stays locked in the child, which
/// then runs into its time limit.
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
      produce([&out]() -> detail::PipeOut& {  // called when everything is read, right before the first byte is written
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
