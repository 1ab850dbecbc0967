#pragma once
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <tessera/support/atomic_file.hpp>
#include <tessera/support/hash.hpp>
#include <tessera/support/inline.hpp>

namespace tessera::detail {
TESSERA_INLINE std::uint64_t temporary_number(std::string_view name, std::uint32_t drawn) {
  ByteHash h;
  h.add(name.data(), name.size()), h.add(&drawn, sizeof drawn);
  return std::uint64_t(drawn) << 32 | (h.value() >> 32);
}

TESSERA_INLINE bool is_temporary(std::string_view name) {
  const auto mark = name.rfind(temporary_mark);
  if (mark == std::string_view::npos || mark == 0) return false;
  const auto digits = name.substr(mark + temporary_mark.size());
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return code == std::errc{} && end == digits.data() + digits.size() &&
         number == temporary_number(name.substr(0, mark), std::uint32_t(number >> 32));
}

TESSERA_INLINE bool lock_temporary(int fd, bool to_write) {
#ifdef F_OFD_SETLK
  struct flock whole {};
  whole.l_type = to_write ? F_WRLCK : F_RDLCK, whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
#else
  (void)to_write;
  return ::flock(fd, LOCK_EX | LOCK_NB) == 0;
#endif
}

TESSERA_INLINE bool synced(int fd) {
  int code;
  do code = ::fsync(fd);
  while (code != 0 && errno == EINTR);
  return code == 0;
}
}  // namespace tessera::detail

namespace tessera {
TESSERA_INLINE AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  namespace fs = std::filesystem;
  const fs::path target(path);
  folder_ = target.has_parent_path() ? target.parent_path().string() : std::string(".");
  std::error_code code;
  const auto there = fs::status(target, code);
  if (target.filename().empty() || fs::is_directory(there))
    throw Error(path + ": names a folder; give the name of a file to write");
  if (!fs::is_directory(folder_, code))
    throw Error(path + ": the folder '" + folder_ + "' does not exist; create it first");
  if (fs::exists(there) && !fs::is_regular_file(there))
    throw Error(path + ": is not a regular file, and is not replaced by one; give another name");
  const auto name = target.filename().string();
  std::random_device entropy;  // two programs may write the same file at once
  for (int tries = 0; tries < 100; ++tries) {
    name_ = path + std::string(detail::temporary_mark) +
            std::to_string(detail::temporary_number(name, std::uint32_t(entropy())));
    file_ = Descriptor(::open(name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file_) {
      if (errno == EEXIST) continue;
      const auto why = detail::system_reason();
      name_.clear();
      throw Error(path + ": cannot be written (" + why +
                  "); check the folder's permissions and the free space on its disk");
    }
    detail::lock_temporary(file_.get(), true);
    struct stat s {};
    if (::fstat(file_.get(), &s) == 0 && s.st_nlink > 0) return;  // else cleared before it was locked
  }
  name_.clear();
  throw Error(path + ": cannot be written under a temporary name next to it; try again");
}

TESSERA_INLINE AtomicFile::~AtomicFile() {
  if (!name_.empty()) ::unlink(name_.c_str());
}
TESSERA_INLINE void AtomicFile::write(const void* data, std::size_t size) {
  const auto* p = static_cast<const char*>(data);
  while (size > 0) {
    const auto count = ::write(file_.get(), p, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw cannot("be written");
    p += count, size -= std::size_t(count);
  }
}

TESSERA_INLINE void AtomicFile::overwrite(std::uint64_t at, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::pwrite(file_.get(), text.data(), text.size(), off_t(at));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw cannot("be written");
    text.remove_prefix(std::size_t(count)), at += std::uint64_t(count);
  }
}

TESSERA_INLINE void AtomicFile::commit() {
  // Open it by name: another program may have put a file of its own there.
  const Descriptor whole(::open(name_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat s {};
  if (!whole || ::fstat(whole.get(), &s) != 0) throw cannot("be completed");
  if (s.st_size == 0) throw Error(path_ + ": nothing was written to it; check the free space on the disk");
  if (!detail::synced(whole.get())) throw cannot("be completed");
  if (::rename(name_.c_str(), path_.c_str()) != 0)
    throw Error(path_ + ": cannot be put in place (" + detail::system_reason() + "); check the folder's permissions");
  name_.clear();
  const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder && !detail::synced(folder.get()) &&
      errno == EIO)  // other failures: a file system that does not sync folders
    throw Error(folder_ + ": the disk failed (" + detail::system_reason() + ") after " + path_ +
                " was written; check the disk");
}

TESSERA_INLINE Error AtomicFile::cannot(const char* what) const {
  return Error(path_ + ": cannot " + what + " (" + detail::system_reason() +
               "), and is as it was before; check the free space on the disk");
}
TESSERA_INLINE std::size_t clear_temporaries(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::error_code code;
  for (auto at = fs::directory_iterator(folder, code); !code && at != fs::directory_iterator(); at.increment(code))
    if (detail::is_temporary(at->path().filename().string())) found.push_back(at->path().string());
  std::size_t removed = 0;
  for (const auto& name : found) {
    const Descriptor file(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
    struct stat s {};
    if (!file || ::fstat(file.get(), &s) != 0 || !S_ISREG(s.st_mode) || !detail::lock_temporary(file.get(), false))
      continue;
    removed += ::unlink(name.c_str()) == 0;
  }
  return removed;
}
}  // namespace tessera
