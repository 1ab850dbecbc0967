#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <tessera/cli/files.hpp>
#include <tessera/cli/picture.hpp>
#include <tessera/cli/private_folder.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

extern char** environ;  // NOLINT: no header declares it

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
// A title as gnuplot reads it from a file: data, one line, in which a backslash begins an escape and a double quote
// ends the text.  The character in front preserves leading spaces.
inline std::string title_data(const std::string& title) {
  std::string out = "=";
  for (const char c : printable(title, 120)) out += c == '"' ? "\u201d" : c == '\\' ? "\\\\" : std::string(1, c);
  return out + "\n";
}

// Runs gnuplot on `script` in `folder`: without a shell, the user's settings, a terminal, or signals that are meant for
// this program.  Returns what went wrong, or "".
inline std::string run_gnuplot(const std::string& folder) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  for (const int stream : {0, 1, 2}) posix_spawn_file_actions_addopen(&files, stream, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_addchdir_np(&files, folder.c_str());
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  char program[] = "gnuplot", defaults[] = "-d", script[] = "script";
  char* const arguments[] = {program, defaults, script, nullptr};
  pid_t child = 0;
  const int failure = posix_spawnp(&child, program, &files, &attributes, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failure == ENOENT) return "gnuplot was not found; install it";
  if (failure != 0) return std::string("gnuplot cannot be started: ") + std::strerror(failure);

  using clock = std::chrono::steady_clock;
  constexpr auto limit = std::chrono::seconds(20);
  for (const auto end = clock::now() + limit;;) {
    int status = 0;
    const auto done = waitpid(child, &status, WNOHANG);
    if (done < 0 && errno != EINTR) return "";  // its exit status is lost: check what it drew instead
    if (done == child && WIFSIGNALED(status)) return "gnuplot was killed";
    if (done == child)
      return WEXITSTATUS(status) == 0     ? ""
             : WEXITSTATUS(status) == 127 ? "gnuplot cannot be started"
                                          : "gnuplot failed";
    if (clock::now() >= end) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      return fmt::format("gnuplot took more than {} seconds", limit.count());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}
}  // namespace detail

TESSERA_CLI_INLINE std::string undrawn(const std::string& base, const std::vector<std::string>& endings, int width,
                                       int height, const std::string& title, const std::string& script) {
  struct Format {
    std::string ending, terminal, end;  // `end` shows that a picture is complete
  };
  std::vector<Format> formats = {{".svg", fmt::format("svg size {},{} font 'sans,13'", width, height), "</svg>\n\n"},
                                 {".png", fmt::format("pngcairo size {},{} font 'sans,11'", width, height),
                                  std::string("IEND\xae\x42\x60\x82", 8)}};
  std::erase_if(formats,
                [&](const Format& f) { return std::find(endings.begin(), endings.end(), f.ending) == endings.end(); });
  std::string all =
      "set encoding utf8\n"
      "set datafile separator \"\\001\"\nset datafile commentschars ''\nname = ''\nstats 'title' using (name = "
      "stringcolumn(1), 0) nooutput\n"
      "name = name[2:*]\nset datafile separator\nset datafile commentschars '#'\n";
  for (const auto& f : formats)
    all += fmt::format("set terminal {} background rgb 'white'\nset output 'picture{}'\n{}set output\n", f.terminal,
                       f.ending, script);

  const PrivateFolder folder;
  std::string wrong, missing;
  if (folder.path().empty()) wrong = "no folder for temporary files can be made";
  else if (!write_bytes(folder.path() + "/title", detail::title_data(title)) ||
           !write_bytes(folder.path() + "/script", all))
    wrong = "temporary files cannot be written";
  else wrong = detail::run_gnuplot(folder.path());
  for (const auto& f : formats) {
    const auto picture = read_bytes(folder.path() + "/picture" + f.ending), file = base + f.ending;
    try {
      if (!picture.ends_with(f.end)) throw Error(wrong.empty() ? "gnuplot left half a picture" : wrong);
      write_text(file, picture);
    } catch (const Error& e) {
      std::error_code ignored;
      fs::remove(file, ignored);  // left from an earlier drawing
      wrong = e.what();
      missing += (missing.empty() ? "" : " and ") + file;
    }
  }
  return missing.empty() ? "" : missing + " could not be drawn: " + wrong;
}

TESSERA_CLI_INLINE bool draw(const std::string& base, int width, int height, const std::string& title,
                             const std::string& script) {
  const auto missing = undrawn(base, {".svg", ".png"}, width, height, title, script);
  if (!missing.empty()) say("warning [no-picture]: " + missing);
  return missing.empty();
}
}  // namespace tessera::cli
