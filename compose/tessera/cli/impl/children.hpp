#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <tessera/cli/children.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/support/error.hpp>

extern char** environ;  // NOLINT: no header declares it

namespace tessera::cli {
namespace detail {
// A child at work, and the reading end of the pipe that it writes its lines to.  It does not outlive this object.
class OwnChild {
 public:
  OwnChild(std::size_t index, const std::vector<std::string>& words) : index_(index) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(std::string("cannot create a pipe (") + std::strerror(errno) + "); close other programs");
    from_ = ends[0];
    ::fcntl(from_, F_SETFL, O_NONBLOCK);

    auto all = words;
    all.insert(all.begin(), program_name());
    std::vector<char*> arguments;
    for (auto& word : all) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    auto parent = fmt::format("{}={}", parent_variable, ::getpid());
    std::vector<char*> variables{parent.data()};
    for (char** each = environ; *each != nullptr; ++each) variables.push_back(*each);
    variables.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) posix_spawn_file_actions_adddup2(&files, ends[1], stream);
    sigset_t signals, none;
    sigfillset(&signals);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    // The file that this process runs, even if another has taken its name.
    const int failure = ::posix_spawn(&id_, "/proc/self/exe", &files, &attributes, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    ::close(ends[1]);
    if (failure != 0) {
      id_ = -1, ::close(from_);
      throw Error(std::string("cannot start a process (") + std::strerror(failure) + "); close other programs");
    }
  }
  OwnChild(OwnChild&& other) noexcept
      : index_(other.index_), id_(std::exchange(other.id_, -1)), from_(other.from_), text_(std::move(other.text_)),
        error_(std::move(other.error_)) {}
  OwnChild& operator=(OwnChild&& other) noexcept {
    std::swap(index_, other.index_), std::swap(id_, other.id_), std::swap(from_, other.from_);
    std::swap(text_, other.text_), std::swap(error_, other.error_);
    return *this;
  }
  ~OwnChild() {
    if (id_ < 0) return;
    tell(SIGTERM);
    while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::close(from_);
  }

  std::size_t index() const { return index_; }
  int from() const { return from_; }
  void tell(int signal) const { ::kill(id_, signal); }

  // What it has written by now, line by line.
  void read(const std::function<void(std::size_t, const std::string&)>& line) {
    constexpr std::size_t longest = 1 << 16;
    char some[4096];
    for (;;) {
      const auto got = ::read(from_, some, sizeof some);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return;
      text_.append(some, std::size_t(got));
      std::size_t begin = 0;
      for (std::size_t end; (end = text_.find('\n', begin)) != std::string::npos; begin = end + 1)
        take(text_.substr(begin, end - begin), line);
      text_.erase(0, begin);
      if (text_.size() > longest) take(std::exchange(text_, ""), line);
    }
  }
  // Whether it has ended; `end` then says how, and all of its lines were read.
  bool has_ended(const std::function<void(std::size_t, const std::string&)>& line, ChildEnd& end) {
    int status = 0;
    const auto done = ::waitpid(id_, &status, WNOHANG);
    if (done == 0 || (done < 0 && errno == EINTR)) return false;
    read(line);
    if (!text_.empty()) take(std::exchange(text_, ""), line);
    ::close(from_);
    id_ = -1;
    end.error = error_;
    if (done < 0) {
      end.code = 1;
      if (end.error.empty()) end.error = "its exit code was lost";
    } else if (WIFSIGNALED(status)) {
      end.code = 128 + WTERMSIG(status);
      if (end.error.empty())
        end.error = fmt::format("was killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    } else {
      end.code = WEXITSTATUS(status);
      if (end.error.empty() && end.code != 0) end.error = fmt::format("ended with exit code {}", end.code);
    }
    return true;
  }

 private:
  void take(const std::string& text, const std::function<void(std::size_t, const std::string&)>& line) {
    const auto mark = program_name() + ": error: ";
    if (text.starts_with(mark)) error_ = text.substr(mark.size());
    else line(index_, text);
  }

  std::size_t index_;
  pid_t id_ = -1;
  int from_ = -1;
  std::string text_, error_;
};
}  // namespace detail

TESSERA_CLI_INLINE void run_children(const std::vector<std::vector<std::string>>& words, std::size_t together,
                                     const std::function<void(std::size_t, const std::string&)>& line,
                                     const std::function<void(std::size_t, const ChildEnd&)>& ended) {
  std::vector<detail::OwnChild> running;
  std::size_t next = 0;
  bool told = false;
  while (!running.empty() || (next < words.size() && !interrupted())) {
    if (const int signal = interrupting_signal(); signal != 0 && !std::exchange(told, true))
      for (const auto& child : running) child.tell(signal);
    while (running.size() < together && next < words.size() && !interrupted()) {
      const auto index = next++;
      try {
        running.emplace_back(index, words[index]);
      } catch (const Error& error) {
        ended(index, {1, error.what()});
      }
    }
    std::vector<pollfd> ready;
    for (const auto& child : running) ready.push_back({child.from(), POLLIN, 0});
    constexpr int milliseconds = 50;
    const int some = ::poll(ready.data(), nfds_t(ready.size()), milliseconds);
    // A pipe that its child has closed is always ready.
    if (some > 0 && std::all_of(ready.begin(), ready.end(), [](const pollfd& p) { return (p.revents & POLLIN) == 0; }))
      ::usleep(1000 * milliseconds);
    for (auto child = running.begin(); child != running.end();) {
      child->read(line);
      ChildEnd end;
      if (!child->has_ended(line, end)) {
        ++child;
        continue;
      }
      const auto index = child->index();
      child = running.erase(child);
      ended(index, end);
    }
  }
}
}  // namespace tessera::cli
