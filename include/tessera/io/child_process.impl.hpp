#pragma once
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>

#include <tessera/io/child_process.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE void PipeOut::write(const void* from, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const auto wrote = ::write(end_, static_cast<const char*>(from) + done, size - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) ::_exit(1);
    done += static_cast<std::size_t>(wrote);
  }
}

TESSERA_INLINE void Child::read(void* to, std::size_t size) {
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

TESSERA_INLINE int Child::end() {
  if (id_ <= 0) return status_;
  ::close(end_);
  // A child that has exited by itself, or is about to, keeps its own status.
  pid_t reaped = 0;
  for (int i = 0; i < 20 && (reaped = ::waitpid(id_, &status_, WNOHANG)) == 0; ++i) ::usleep(1000);
  if (reaped == 0) {
    ::kill(id_, SIGKILL);
    while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
  }
  id_ = -1;
  return status_;
}

TESSERA_INLINE void limit(int what, std::uint64_t to) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(what), &now) != 0) return;
  if (now.rlim_max == RLIM_INFINITY || now.rlim_max > to) now.rlim_max = to;
  now.rlim_cur = now.rlim_max;
  ::setrlimit(static_cast<__rlimit_resource_t>(what), &now);
}

TESSERA_INLINE std::uint64_t address_space() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (!file) return 0;
  unsigned long long pages = 0;
  const bool read = std::fscanf(file, "%llu", &pages) == 1;
  std::fclose(file);
  return read ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

TESSERA_INLINE int give_up_powers(int keep, const ChildLimits& limits, pid_t parent) {
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
  // Nothing that a library prints as it crashes reaches the terminal, and no other file, lock or connection stays open.
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
}  // namespace tessera::detail
