#pragma once
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/support/worker_process.hpp>

extern char** environ;  // NOLINT: no header declares it

namespace tessera {
namespace detail {
// Above the numbers that the child's own ones get, so that putting one there does not close another.
inline Descriptor moved_up(int fd) {
  Descriptor old(fd);
  return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 10));
}
inline auto after(double seconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(std::int64_t(1000 * seconds));
}
}  // namespace detail

TESSERA_INLINE WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments, int shared,
                                            const std::string& log) {
  const auto refuse = [&](const std::string& why) {
    throw Error(printable(arguments[0]) + ": cannot be started (" + why + ")");
  };
  int channel[2], life[2], output[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0) refuse(std::strerror(errno));
  channel_ = Descriptor(channel[0]);
  const Descriptor its_channel = detail::moved_up(channel[1]);
  if (::pipe2(life, O_CLOEXEC) != 0) refuse(std::strerror(errno));
  life_ = Descriptor(life[1]);
  const Descriptor its_life = detail::moved_up(life[0]);
  Descriptor its_output;
  if (!log.empty()) {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) throw Error(printable(log) + ": cannot be written (" + std::strerror(errno) + "); name another file");
    its_output = detail::moved_up(file);
  } else {
    if (::pipe2(output, O_CLOEXEC) != 0) refuse(std::strerror(errno));
    output_ = Descriptor(output[0]);
    its_output = detail::moved_up(output[1]);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
  }
  const Descriptor its_shared(shared < 0 ? -1 : ::fcntl(shared, F_DUPFD_CLOEXEC, 10));
  if (!its_channel || !its_life || !its_output || (shared >= 0 && !its_shared)) refuse("too many open files");

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  for (const int stream : {1, 2}) posix_spawn_file_actions_adddup2(&files, its_output.get(), stream);
  posix_spawn_file_actions_adddup2(&files, its_channel.get(), 3);
  posix_spawn_file_actions_adddup2(&files, its_life.get(), 4);
  if (its_shared) posix_spawn_file_actions_adddup2(&files, its_shared.get(), 5);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> pointers;
  for (const auto& each : arguments) pointers.push_back(const_cast<char*>(each.c_str()));
  pointers.push_back(nullptr);
  const int failure = ::posix_spawnp(&id_, pointers[0], &files, &attributes, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    id_ = -1;
    refuse(failure == ENOENT ? "there is no such program" : std::strerror(failure));
  }
}

TESSERA_INLINE WorkerProcess::~WorkerProcess() { end(2); }

TESSERA_INLINE void WorkerProcess::drain() {
  constexpr std::size_t most = 8192;
  char some[4096];
  for (;;) {
    const auto got = ::read(output_.get(), some, sizeof some);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) output_ = Descriptor();
    if (got <= 0) return;
    printed_.append(some, std::size_t(got));
    if (printed_.size() > 2 * most) printed_.erase(0, printed_.size() - most);
  }
}

TESSERA_INLINE bool WorkerProcess::has_exited() {
  if (id_ < 0) return true;
  siginfo_t found{};
  const int looked = ::waitid(P_PID, static_cast<id_t>(id_), &found, WEXITED | WNOHANG | WNOWAIT);
  if ((looked == 0 && found.si_pid == 0) || (looked < 0 && errno == EINTR)) return false;
  // What it has started goes with it; the number of its group is not given to others before it is reaped.
  if (looked == 0) ::kill(-id_, SIGKILL);
  if (looked < 0 || ::waitpid(id_, &status_, WNOHANG) != id_) status_ = -1;
  id_ = -1;
  return true;
}

TESSERA_INLINE void WorkerProcess::wait_for(short events, clock::time_point late, const std::function<bool()>& wanted) {
  for (;;) {
    pollfd ready[2] = {{channel_.get(), events, 0}, {output_.get(), POLLIN, 0}};  // poll ignores a descriptor of -1
    constexpr int milliseconds = 200;
    const int count = ::poll(ready, 2, milliseconds);
    if (count > 0 && ready[1].revents != 0) drain();
    if (count > 0 && ready[0].revents != 0) return;
    // The channel may be held open by a process that the program has started.
    if (count == 0 && has_exited()) throw WorkerEnded{};
    if (count <= 0 && wanted && !wanted()) throw WorkerUnwanted{};
    if (clock::now() > late) throw WorkerLate{};
  }
}

TESSERA_INLINE void WorkerProcess::send(const void* from, std::size_t size, double seconds,
                                        const std::function<bool()>& wanted) {
  if (id_ < 0) throw WorkerEnded{};
  for (std::size_t done = 0; done < size;) {
    const auto sent =
        ::send(channel_.get(), static_cast<const char*>(from) + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) throw WorkerEnded{};
    wait_for(POLLOUT, detail::after(seconds), wanted);
  }
}

TESSERA_INLINE void WorkerProcess::receive(void* to, std::size_t size, double seconds,
                                           const std::function<bool()>& wanted) {
  auto late = detail::after(seconds);
  for (std::size_t done = 0; done < size;) {
    wait_for(POLLIN, late, wanted);
    const auto got = ::recv(channel_.get(), static_cast<char*>(to) + done, size - done, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (got <= 0) throw WorkerEnded{};
    done += static_cast<std::size_t>(got);
    late = detail::after(seconds);
  }
}

TESSERA_INLINE int WorkerProcess::end(double seconds) {
  if (id_ < 0) return status_;
  channel_ = Descriptor();
  const auto late = detail::after(seconds);
  for (bool killed = false; !has_exited();) {
    if (output_) drain();
    if (!killed && clock::now() >= late) {
      ::kill(-id_, SIGKILL);
      ::kill(id_, SIGKILL);
      killed = true;
    }
    ::usleep(500);
  }
  if (output_) drain();
  return status_;
}
}  // namespace tessera
