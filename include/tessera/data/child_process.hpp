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

#include <tessera/data/error.hpp>
#include <tessera/data/printable.hpp>

namespace tessera {
/// What a child process may take.
struct ChildLimits {
  double seconds = 120;               ///< of processor time, and by the clock
  std::uint64_t memory = 1u << 30;  ///< bytes, beside what this process has already
};

namespace detail {
struct PipeEnded {};
struct PipeLate {};

/// The writing end, in the child.  When nobody reads any more, the child ends.
class PipeOut {
 public:
  explicit PipeOut(int end) : end_(end) {}
  void write(const void* from, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      const auto wrote = ::write(end_, static_cast<const char*>(from) + done, size - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) ::_exit(1);
      done += static_cast<std::size_t>(wrote);
    }
  }

 private:
  int end_;
};

/// The reading end, in the parent, and the child behind it, which does not outlive it.
class Child {
 public:
  using clock = std::chrono::steady_clock;
  Child(pid_t id, int end, double seconds, std::function<void()> meanwhile)
      : id_(id), end_(end), late_(clock::now() + std::chrono::milliseconds(std::int64_t(1000 * seconds))), meanwhile_(std::move(meanwhile)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  void read(void* to, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      if (clock::now() > late_) throw PipeLate{};
      if (meanwhile_) meanwhile_();
      pollfd ready{end_, POLLIN, 0};
      constexpr int milliseconds = 100;
      if (::poll(&ready, 1, milliseconds) <= 0) continue;
      const auto got = ::read(end_, static_cast<char*>(to) + done, size - done);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (got <= 0) throw PipeEnded{};
      done += static_cast<std::size_t>(got);
    }
  }

  /// Ends it, if it has not ended, and says how it did: the status that waitpid gives.
  int end() {
    if (id_ <= 0) return status_;
    ::close(end_);
    // One that ended by itself, or is about to, keeps its own status.
    pid_t reaped = 0;
    for (int i = 0; i < 20 && (reaped = ::waitpid(id_, &status_, WNOHANG)) == 0; ++i) ::usleep(1000);
    if (reaped == 0) {
      ::kill(id_, SIGKILL);
      while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {}
    }
    id_ = -1;
    return status_;
  }

 private:
  pid_t id_;
  int end_, status_ = 0;
  clock::time_point late_;
  std::function<void()> meanwhile_;
};

inline void limit(int what, std::uint64_t to) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(what), &now) != 0) return;
  if (now.rlim_max == RLIM_INFINITY || now.rlim_max > to) now.rlim_max = to;
  now.rlim_cur = now.rlim_max;
  ::setrlimit(static_cast<__rlimit_resource_t>(what), &now);
}

/// Bytes of address space that this process has; 0 where the system does not say.
inline std::uint64_t address_space() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return 0;
  unsigned long long pages = 0;
  const bool read = std::fscanf(file, "%llu", &pages) == 1;
  std::fclose(file);
  return read ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

/// In the child: gives up what reading a file does not take.  `keep` is the pipe; returns its new number.
inline int give_up_powers(int keep, const ChildLimits& limits, pid_t parent) {
  constexpr int pipe_end = 3;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGALRM, SIGCHLD}) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
  if (::getppid() != parent) ::_exit(1);
  // Nothing that a library prints while it breaks reaches the terminal; and no other open file, lock or connection stays open.
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) ::dup2(nowhere, stream);
  if (keep != pipe_end) ::dup2(keep, pipe_end);
#ifdef SYS_close_range
  const bool closed = ::syscall(SYS_close_range, pipe_end + 1, ~0u, 0) == 0;
#else
  const bool closed = false;
#endif
  for (int other = pipe_end + 1; !closed && other < 4096; ++other) ::close(other);

  const auto seconds = static_cast<std::uint64_t>(std::ceil(limits.seconds));
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, seconds + 1);
  if (const auto has = address_space(); has != 0) limit(RLIMIT_AS, has + limits.memory);
  ::alarm(static_cast<unsigned>(seconds + 2));
  return pipe_end;
}
}  // namespace detail

/// Runs produce(out) in a child process with limits, and consume(in) on what it writes, here; returns what that returns.  What the child
/// throws as an `Error` is thrown here.  A crash, too much time and too much memory are an `Error` too, which begins with `about`, and
/// leave this process as it was.  `meanwhile` is called ten times a second; what it throws ends the child.
///
/// The child is a copy of this process (fork, without exec: a library has no program of its own to start), so produce may only use what a
/// copy of the calling thread alone can use.  Best called before there are other threads: a lock that one of them holds at this moment
/// (but those of the C library's memory) stays locked in the child, which then ends by its time limit.
template <class Produce, class Consume>
auto in_child_process(const std::string& about, const ChildLimits& limits, const std::function<void()>& meanwhile, Produce produce, Consume consume) {
  enum : std::uint8_t { good, refused, no_memory };
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(about + ": no pipe can be made (" + std::strerror(errno) + "); close other programs");
  const auto parent = ::getpid();
  const auto id = ::fork();
  if (id < 0) {
    const int why = errno;
    ::close(ends[0]), ::close(ends[1]);
    throw Error(about + ": no process can be made to read it in (" + std::strerror(why) + "); close other programs");
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
  const auto end = std::string("; the file is damaged, or was made to do harm: copy or download it again");
  try {
    std::uint8_t what = 0;
    child.read(&what, 1);
    if (what == good) return consume(child);
    std::uint32_t size = 0;
    child.read(&size, sizeof size);
    std::string text(std::min<std::uint32_t>(size, 1 << 13), '\0');
    child.read(text.data(), text.size());
    if (what == refused) throw Error(printable(text));
    throw Error(about + ": takes more memory to read than it may" + end);
  } catch (const detail::PipeLate&) {
    throw Error(about + ": was not read within " + std::to_string(int(std::ceil(limits.seconds))) + " seconds" + end);
  } catch (const detail::PipeEnded&) {
    const int status = child.end();
    if (!WIFSIGNALED(status)) throw Error(about + ": the process that read it ended too early" + end);
    const int signal = WTERMSIG(status);
    if (signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL) throw Error(about + ": took too much time or memory to read, and was stopped" + end);
    throw Error(about + ": crashed the process that read it (" + ::strsignal(signal) + ")" + end);
  }
}
}  // namespace tessera
