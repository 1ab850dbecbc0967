#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>
#include <utility>

#include <tessera/cli/children.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace detail {
// A child at work, and the reading end of the pipe that it writes its lines to.  It does not outlive this object.
class OwnChild {
 public:
  // `place`: which of those that work together; `core`: where it stays, or -1.
  OwnChild(std::size_t index, std::size_t place, int core, const Children& all, const std::vector<std::string>& words)
      : index_(index), place_(place) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(std::string("cannot create a pipe (") + std::strerror(errno) + "); close other programs");
    from_ = ends[0];
    ::fcntl(from_, F_SETFL, O_NONBLOCK);
    std::cout.flush(), std::fflush(nullptr);  // or the child would write it again
    const auto parent = std::to_string(::getpid());
    id_ = ::fork();
    if (id_ == 0) be_child(parent, ends[1], core, all, words);
    ::close(ends[1]);
    if (id_ < 0) {
      ::close(from_);
      throw Error(std::string("cannot start a process (") + std::strerror(errno) + "); close other programs");
    }
    ::setpgid(id_, 0);  // in both: neither knows which of them comes first
  }
  OwnChild(OwnChild&& other) noexcept
      : index_(other.index_), place_(other.place_), id_(std::exchange(other.id_, -1)), from_(other.from_),
        text_(std::move(other.text_)), error_(std::move(other.error_)) {}
  OwnChild& operator=(OwnChild&& other) noexcept {
    std::swap(index_, other.index_), std::swap(place_, other.place_), std::swap(id_, other.id_);
    std::swap(from_, other.from_);
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
  std::size_t place() const { return place_; }
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
  [[noreturn]] static void be_child(const std::string& parent, int out, int core, const Children& all,
                                    const std::vector<std::string>& words) {
    ::setpgid(0, 0);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(out, stream);
    const int none = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (none >= 0) ::dup2(none, STDIN_FILENO), ::close(none);
    sigset_t signals;
    sigemptyset(&signals);
    pthread_sigmask(SIG_SETMASK, &signals, nullptr);
    ::setenv(parent_variable, parent.c_str(), 1);
    if (core >= 0) stay_on({core});
    int code = 1;
    try {
      all.leave();
      code = all.work(words);
    } catch (const std::exception& error) {
      const auto text = program_name() + ": error: " + error.what() + "\n";
      std::fwrite(text.data(), 1, text.size(), stderr);
    }
    std::cout.flush(), std::fflush(nullptr);
    ::_exit(code);
  }
  void take(const std::string& text, const std::function<void(std::size_t, const std::string&)>& line) {
    const auto mark = program_name() + ": error: ";
    if (text.starts_with(mark)) error_ = text.substr(mark.size());
    else line(index_, text);
  }

  std::size_t index_, place_;
  pid_t id_ = -1;
  int from_ = -1;
  std::string text_, error_;
};
}  // namespace detail

TESSERA_CLI_INLINE std::vector<int> own_cores() {
  std::vector<int> out;
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (::sched_getaffinity(0, sizeof mine, &mine) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &mine)) out.push_back(core);
  return out;
}

TESSERA_CLI_INLINE void stay_on(const std::vector<int>& cores) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : cores) CPU_SET(core, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

TESSERA_CLI_INLINE void run_children(const Children& children, const std::vector<std::vector<std::string>>& words,
                                     std::size_t together,
                                     const std::function<void(std::size_t, const std::string&)>& line,
                                     const std::function<void(std::size_t, const ChildEnd&)>& ended) {
  std::size_t begun = 0;
  const Supply supply{[&] { return std::optional(words[begun++]); }, [&] { return begun < words.size(); }};
  run_children(children, supply, together, line, ended);
}

TESSERA_CLI_INLINE void run_children(const Children& children, const Supply& supply, std::size_t together,
                                     const std::function<void(std::size_t, const std::string&)>& line,
                                     const std::function<void(std::size_t, const ChildEnd&)>& ended) {
  const auto cores = own_cores();
  std::vector<detail::OwnChild> running;
  std::vector<bool> taken(together, false);  // the places of those that run
  std::size_t begun = 0;
  bool told = false;
  while (!running.empty() || (!interrupted() && supply.more())) {
    if (const int signal = interrupting_signal(); signal != 0 && !std::exchange(told, true))
      for (const auto& child : running) child.tell(signal);
    for (const auto index : supply.unwanted())
      for (const auto& child : running)
        if (child.index() == index) child.tell(SIGTERM);
    while (running.size() < together && !interrupted() && supply.more()) {
      const auto words = supply.take();
      if (!words) break;
      const auto index = begun++;
      const auto place = std::size_t(std::find(taken.begin(), taken.end(), false) - taken.begin());
      const int core = together == cores.size() ? cores[place] : -1;  // with fewer, others may want the same ones
      try {
        running.emplace_back(index, place, core, children, *words);
        taken[place] = true;
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
      taken[child->place()] = false;
      child = running.erase(child);
      ended(index, end);
    }
  }
}
}  // namespace tessera::cli
