#pragma once
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>

#include <tessera/support/atomic_folder.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/plain_path.hpp>

namespace tessera::detail {
// Puts `from` where `to` is.  Both are folders; `from` is what `to` was, then, where the system can exchange names in
// one step, and otherwise the old folder has the name `aside`.
TESSERA_INLINE bool put_in_place(const std::string& from, const std::string& to, const std::string& aside) {
#ifdef RENAME_EXCHANGE
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return true;
#endif
  if (::rename(to.c_str(), aside.c_str()) != 0) return false;
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  const int why = errno;
  (void)::rename(aside.c_str(), to.c_str());
  errno = why;
  return false;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE AtomicFolder::AtomicFolder(const std::string& path) : path_(plain_path(path)) {
  namespace fs = std::filesystem;
  const fs::path target(path_);
  parent_ = target.has_parent_path() ? target.parent_path().string() : std::string(".");
  const auto name = target.filename().string();
  std::error_code code;
  if (name.empty() || name == "." || name == "..") throw Error(path + ": give the name of a folder to write");
  if (!fs::is_directory(parent_, code))
    throw Error(path + ": the folder '" + parent_ + "' does not exist; create it first");
  const auto there = fs::symlink_status(target, code);
  if (fs::exists(there) && !fs::is_directory(there))
    throw Error(path + ": is not a folder, and is not replaced by one; give another name");
  std::random_device entropy;
  for (int tries = 0; tries < 100; ++tries) {
    name_ = path_ + std::string(detail::temporary_mark) +
            std::to_string(detail::temporary_number(name, std::uint32_t(entropy())));
    if (::mkdir(name_.c_str(), 0777) == 0) return;
    if (errno == EEXIST) continue;
    const auto why = detail::system_reason();
    name_.clear();
    throw Error(path + ": cannot be written (" + why +
                "); check the folder's permissions and the free space on its disk");
  }
  name_.clear();
  throw Error(path + ": cannot be written under a temporary name next to it; try again");
}

TESSERA_INLINE AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!name_.empty()) std::filesystem::remove_all(name_, ignored);
}

TESSERA_INLINE void AtomicFolder::sync() const {
  namespace fs = std::filesystem;
  std::error_code code;
  const auto one = [&](const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    // Other failures: a file system that does not sync folders.
    if (!file || (!detail::synced(file.get()) && errno == EIO)) throw cannot("be completed");
  };
  for (auto at = fs::recursive_directory_iterator(name_, code); !code && at != fs::recursive_directory_iterator();
       at.increment(code))
    one(at->path().string());
  if (code) throw cannot("be completed");
  one(name_);
}

TESSERA_INLINE void AtomicFolder::commit() {
  namespace fs = std::filesystem;
  sync();
  const auto aside = name_ + "-old";
  std::error_code code;
  // An empty folder gives way by itself.
  if (::rename(name_.c_str(), path_.c_str()) == 0) name_.clear();
  else if (!fs::is_directory(fs::symlink_status(path_, code)) || !detail::put_in_place(name_, path_, aside))
    throw cannot("be put in place");
  const Descriptor parent(::open(parent_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent && !detail::synced(parent.get()) && errno == EIO)
    throw Error(parent_ + ": the disk failed (" + detail::system_reason() + ") after " + path_ +
                " was written; check the disk");
  fs::remove_all(aside, code);  // what was exchanged goes with this object
}

TESSERA_INLINE Error AtomicFolder::cannot(const char* what) const {
  return Error(path_ + ": cannot " + what + " (" + detail::system_reason() +
               "), and is as it was before; check the folder's permissions and the free space on its disk");
}
}  // namespace tessera
