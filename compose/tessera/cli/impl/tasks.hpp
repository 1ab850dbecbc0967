#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include <tessera/cli/folder.hpp>
#include <tessera/cli/tasks.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/number_text.hpp>

namespace tessera::cli {
namespace detail {
// The names of a folder's entries; none, where another process has removed it.
inline std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code code;
  std::filesystem::directory_iterator at(folder, code), end;
  for (; !code && at != end; at.increment(code)) out.push_back(at->path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}
inline std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "host";
  std::string out = name.data();
  for (char& x : out)
    if (x == '/' || x == '@' || x == ',') x = '-';
  return out.empty() ? "host" : out;
}
inline double seconds_of(const struct stat& of) {
  return double(of.st_mtim.tv_sec) + 1e-9 * double(of.st_mtim.tv_nsec);
}
// Sets a file's time to now; false where there is no such file any more.
inline bool touch_file(const std::string& path) { return ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0; }
inline void write_task(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush())
    throw Error(path + ": cannot be written (" + std::strerror(errno) + "); check the disk's space and permissions");
}
}  // namespace detail

TESSERA_CLI_INLINE Tasks::Tasks(std::string folder, double lost_after)
    : folder_(std::move(folder)), who_(fmt::format("{},{}", detail::host_name(), ::getpid())), lost_after_(lost_after) {
  std::error_code code;
  for (const char* state : {"todo", "taken", "done", "failed"}) {
    std::filesystem::create_directories(folder_ + "/" + state, code);
    if (code) throw Error(folder_ + ": the folder cannot be made (" + code.message() + "); check its permissions");
  }
}

TESSERA_CLI_INLINE Tasks::~Tasks() {
  for (const auto& name : held_) std::rename(file("taken", mine(name)).c_str(), file("todo", name).c_str());
  if (!who_.empty()) std::remove(file("clock", who_).c_str());
}

TESSERA_CLI_INLINE void Tasks::offer(const std::vector<std::string>& names) {
  const auto taken = detail::entries_of(folder_ + "/taken");
  for (const auto& name : names) {
    const bool at_work =
        std::any_of(taken.begin(), taken.end(), [&](const std::string& each) { return each.starts_with(name + "@"); });
    for (const char* state : {"done", "failed"}) std::remove(file(state, name).c_str());
    if (!at_work) detail::write_task(file("todo", name), "");
  }
}

TESSERA_CLI_INLINE std::optional<std::string> Tasks::take(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (std::rename(file("todo", name).c_str(), file("taken", mine(name)).c_str()) != 0) continue;
    // A rename keeps a file's time.  Where it was given back in between, another has it now.
    if (!detail::touch_file(file("taken", mine(name)))) continue;
    held_.push_back(name);
    return name;
  }
  return std::nullopt;
}

TESSERA_CLI_INLINE void Tasks::done(const std::string& name) {
  std::erase(held_, name);
  std::rename(file("taken", mine(name)).c_str(), file("done", name).c_str());
}

TESSERA_CLI_INLINE void Tasks::failed(const std::string& name, const ChildEnd& end) {
  std::erase(held_, name);
  detail::write_task(file("taken", mine(name)), fmt::format("{} {}", end.code, end.error));
  std::rename(file("taken", mine(name)).c_str(), file("failed", name).c_str());
}

TESSERA_CLI_INLINE std::vector<std::string> Tasks::touch() {
  std::vector<std::string> lost;
  for (const auto& name : held_)
    if (!detail::touch_file(file("taken", mine(name))) && errno == ENOENT) lost.push_back(name);
  for (const auto& name : lost) std::erase(held_, name);
  return lost;
}

// Its own clock may not be this machine's.
TESSERA_CLI_INLINE double Tasks::seconds_of_folder() const {
  std::error_code code;
  std::filesystem::create_directories(folder_ + "/clock", code);
  const auto path = file("clock", who_);
  detail::write_task(path, "");
  detail::touch_file(path);
  struct stat of {};
  if (::stat(path.c_str(), &of) != 0)
    throw Error(path + ": cannot be read (" + std::strerror(errno) + "); check the folder");
  return detail::seconds_of(of);
}

TESSERA_CLI_INLINE std::vector<std::string> Tasks::give_back() {
  std::vector<std::string> out;
  const auto taken = detail::entries_of(folder_ + "/taken");
  if (taken.empty()) return out;
  const auto here = seconds_of_folder();
  for (const auto& each : taken) {
    const auto at = each.rfind('@');
    if (at == std::string::npos) continue;
    const auto name = each.substr(0, at);
    if (each == mine(name)) continue;
    struct stat of {};
    if (::stat(file("taken", each).c_str(), &of) != 0 || here - detail::seconds_of(of) < lost_after_) continue;
    if (std::rename(file("taken", each).c_str(), file("todo", name).c_str()) == 0) out.push_back(each);
  }
  return out;
}

TESSERA_CLI_INLINE bool Tasks::open() const {
  return !detail::entries_of(folder_ + "/todo").empty() || !detail::entries_of(folder_ + "/taken").empty();
}

TESSERA_CLI_INLINE std::optional<ChildEnd> Tasks::failure(const std::string& name) const {
  const auto text = small_file(file("failed", name));
  if (!text) return std::nullopt;
  const auto space = text->find(' ');
  const auto code = whole_number<int>(text->substr(0, space));
  return ChildEnd{code.value_or(1), space == std::string::npos ? "" : text->substr(space + 1)};
}
}  // namespace tessera::cli
