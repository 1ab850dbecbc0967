#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include <tessera/support/printable.hpp>

namespace tessera::cli {
/// Whether this process prints: of several that train one run, the first does.
inline bool& speaks() {
  static bool speaking = true;
  return speaking;
}
/// While one lives, nothing is said: of work that is done again by those who are to say it.
class Quiet {
 public:
  Quiet() : spoke_(speaks()) { speaks() = false; }
  Quiet(const Quiet&) = delete;
  ~Quiet() { speaks() = spoke_; }

 private:
  bool spoke_;
};
/// Writes a line to standard error, in which text from outside cannot control the terminal.  Does nothing if standard
/// error is closed or full.
inline void say(const std::string& line) {
  if (!speaks()) return;
  const auto text = printable(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}
template <class... Args>
  requires(sizeof...(Args) > 0)
void say(fmt::format_string<Args...> format, Args&&... args) { say(fmt::format(format, std::forward<Args>(args)...)); }
}  // namespace tessera::cli
