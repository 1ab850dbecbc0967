#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include <tessera/cli/folder.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/support/atomic_file.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
namespace fs = std::filesystem;

namespace detail {
// The folders of what is being written, and of what has been written completely and is being put in place.
inline constexpr const char *next_folder = "/.tessera-next", *placing_folder = "/.tessera-placing";

inline bool is_there(const std::string& path) {
  std::error_code code;
  return fs::exists(fs::symlink_status(path, code));  // a link exists, wherever it leads
}
inline bool is_folder(const std::string& path) {
  std::error_code code;
  return fs::is_directory(fs::symlink_status(path, code));  // and not a link to one
}
inline std::string reason() { return std::strerror(errno); }

// Makes renames in a folder, or into it, survive a power failure; does nothing if a file system cannot promise that.
inline void sync_folder(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  const bool failed = fsync(file) != 0 && errno == EIO;
  close(file);
  if (failed) throw Error(path + ": the disk failed; check it");
}

// The files of a folder that are derived by their names' form.
inline std::vector<std::string> derived_by_name(const std::string& folder, const FolderKind& kind) {
  std::vector<std::string> out;
  std::error_code code;
  fs::directory_iterator at(folder, code), end;
  for (; kind.derived_too != nullptr && !code && at != end; at.increment(code))
    if (auto name = at->path().filename().string(); kind.derived_too(name)) out.push_back(std::move(name));
  return out;
}

// The process that holds a lock on an open file, according to the kernel, or 0.
inline long holder(int file) {
  struct stat of {};
  if (fstat(file, &of) != 0) return 0;
  std::ifstream locks("/proc/locks");
  const auto device = fmt::format("{:02x}:{:02x}:{}", major(of.st_dev), minor(of.st_dev), of.st_ino);
  for (std::string line; std::getline(locks, line);) {
    std::stringstream words(line);
    std::string number, kind, mode, access, at;
    long process = 0;
    if (words >> number >> kind >> mode >> access >> process >> at && kind == "FLOCK" && at == device) return process;
  }
  return 0;
}
}  // namespace detail

TESSERA_CLI_INLINE std::optional<std::string> small_file(const std::string& path, std::size_t max) {
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::string text(max + 1, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  if (in.bad() || !in.eof()) return std::nullopt;
  text.resize(std::size_t(in.gcount()));
  return text;
}

TESSERA_CLI_INLINE std::string file_of(const std::string& folder, const std::string& name) {
  const auto placing = folder + detail::placing_folder + "/" + name;
  return detail::is_folder(folder + detail::placing_folder) && detail::is_there(placing) ? placing
                                                                                         : folder + "/" + name;
}

TESSERA_CLI_INLINE std::optional<std::string> foreign_file(const std::string& folder, const FolderKind& kind) {
  if (const auto config = small_file(folder + "/config.json"); config && kind.ours(*config)) return std::nullopt;
  for (const auto* names : {&kind.files, &kind.derived})
    for (const auto& name : *names)
      if (detail::is_there(folder + "/" + name)) return name;
  if (const auto more = detail::derived_by_name(folder, kind); !more.empty()) return more.front();
  return std::nullopt;
}

TESSERA_CLI_INLINE HeldFolder::HeldFolder(std::string path, const FolderKind& kind, bool make, if_held what)
    : path_(std::move(path)), kind_(&kind) {
  std::error_code code;
  if (make) {
    for (fs::path p = path_; !p.empty() && !fs::exists(p, code); p = p.parent_path()) made_.push_back(p.string());
    fs::create_directories(path_, code);
    if (!fs::is_directory(path_))
      throw Error(path_ + ": the folder cannot be made (" + code.message() + "); give another --out");
  }
  try {
    if (access(path_.c_str(), W_OK) != 0)
      throw Error(path_ + ": the folder cannot be written to; check its permissions" +
                  (make ? ", or give another --out" : ""));
    file_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file_ < 0)
      throw Error(path_ + ": the folder cannot be opened (" + detail::reason() + "); check its permissions");
    for (bool said = false; flock(file_, LOCK_EX | LOCK_NB) != 0; said = true) {
      if (errno != EWOULDBLOCK && errno != EINTR) {
        say("warning [no-lock]: {}: its file system knows no locks ({}); do not start a second {} in it", path_,
            detail::reason(), kind.what);
        break;
      }
      const auto process = detail::holder(file_);
      const auto who = process > 0 ? fmt::format("process {}", process) : std::string("another process");
      if (what == if_held::refuse)
        throw Held(fmt::format("{}: {} is at work in this folder; wait until it ends{}", path_, who,
                               make ? ", or give another --out" : ""));
      if (!said) say("{}: {} is at work on this {}; waiting for it", path_, who, kind.what);
      if (interrupted()) throw Interrupted("interrupted while another run trained " + path_ + "; nothing was written");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (const auto name = foreign_file(path_, kind); make && name && !detail::is_folder(path_ + detail::placing_folder))
      throw Error(
          fmt::format("{}: holds {}, which is of no {} and would be replaced; move it away, or give another --out",
                      path_, *name, kind.what));
    if (detail::is_folder(path_ + detail::placing_folder)) finish();
    clear();
  } catch (...) {
    release();
    throw;
  }
}

TESSERA_CLI_INLINE HeldFolder::HeldFolder(HeldFolder&& other) noexcept
    : path_(std::move(other.path_)), kind_(other.kind_), made_(std::move(other.made_)),
      file_(std::exchange(other.file_, -1)) {
  other.made_.clear();
}

TESSERA_CLI_INLINE HeldFolder& HeldFolder::operator=(HeldFolder&& other) noexcept {
  std::swap(path_, other.path_), std::swap(kind_, other.kind_), std::swap(made_, other.made_),
      std::swap(file_, other.file_);
  return *this;
}

TESSERA_CLI_INLINE HeldFolder::~HeldFolder() { release(); }

TESSERA_CLI_INLINE void HeldFolder::release() {
  if (file_ < 0) return;
  try {
    clear();
  } catch (const Error&) {  // the next program reports it
  }
  std::error_code ignored;
  for (const auto& p : made_) fs::remove(p, ignored);  // while it is held; a folder that is not empty stays
  close(std::exchange(file_, -1));
}

// The lock is the parent's as long as it has the file open, and would outlast it in a child that had it too.
TESSERA_CLI_INLINE void HeldFolder::leave() {
  if (file_ >= 0) close(std::exchange(file_, -1));
}

TESSERA_CLI_INLINE std::string HeldFolder::staged(const std::string& name) const {
  return path_ + detail::next_folder + "/" + name;
}

TESSERA_CLI_INLINE void HeldFolder::stage() {
  clear();
  if (mkdir((path_ + detail::next_folder).c_str(), 0777) != 0)
    throw Error(path_ + ": cannot be written to (" + detail::reason() + "); check the disk's space and permissions");
}

TESSERA_CLI_INLINE void HeldFolder::commit() {
  detail::sync_folder(path_ + detail::next_folder);
  if (rename((path_ + detail::next_folder).c_str(), (path_ + detail::placing_folder).c_str()) != 0)
    throw Error(path_ + ": what was written cannot be put in place (" + detail::reason() +
                "); check the folder's permissions");
  detail::sync_folder(path_);
  finish();
}

// Each step leaves what the next one needs, so that the sequence can be resumed after any of them.
TESSERA_CLI_INLINE void HeldFolder::finish() const {
  const auto placing = path_ + detail::placing_folder;
  for (const auto& name : kind_->derived) std::remove(file(name).c_str());
  for (const auto& name : detail::derived_by_name(path_, *kind_)) std::remove(file(name).c_str());
  for (const auto& name : kind_->files)
    if (const auto from = placing + "/" + name; detail::is_there(from) && rename(from.c_str(), file(name).c_str()) != 0)
      throw Error(file(name) + ": cannot be put in place (" + detail::reason() + "); check the folder's permissions");
  detail::sync_folder(path_);
  clear_temporaries(placing);
  if (rmdir(placing.c_str()) != 0) throw Error(placing + ": cannot be removed (" + detail::reason() + "); remove it");
}

TESSERA_CLI_INLINE void HeldFolder::discard() { clear(); }

TESSERA_CLI_INLINE void HeldFolder::clear() const {
  const auto next = path_ + detail::next_folder;
  if (detail::is_folder(next)) {
    for (const auto& name : kind_->files) std::remove((next + "/" + name).c_str());
    clear_temporaries(next);
    if (rmdir(next.c_str()) != 0) throw Error(next + ": cannot be removed (" + detail::reason() + "); remove it");
  }
  clear_temporaries(path_);
}
}  // namespace tessera::cli
