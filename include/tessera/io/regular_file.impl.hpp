#pragma once
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <tessera/io/regular_file.hpp>
#include <tessera/support/inline.hpp>

namespace tessera {
TESSERA_INLINE RegularFile::RegularFile(std::string path, const std::string& wanted) : path_(printable(path)) {
  struct stat before {
  }, opened{};
  if (::stat(path.c_str(), &before) != 0) cannot_open(errno);
  require_regular(before.st_mode, wanted);
  // Do not wait for the other end of a pipe, nor become the session's terminal, in case the name refers to another file
  // by now.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (descriptor_ < 0) cannot_open(errno);
  try {
    if (::fstat(descriptor_, &opened) != 0) cannot_open(errno);
    require_regular(opened.st_mode, wanted);
    size_ = static_cast<std::uint64_t>(opened.st_size);
    if (size_ == 0) throw Error(path_ + ": is an empty file; copy or download it again");
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

TESSERA_INLINE RegularFile& RegularFile::operator=(RegularFile&& other) noexcept {
  std::swap(path_, other.path_), std::swap(descriptor_, other.descriptor_), std::swap(size_, other.size_);
  return *this;
}

TESSERA_INLINE RegularFile::~RegularFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
TESSERA_INLINE std::string RegularFile::same_file() const {
  const auto name = "/proc/self/fd/" + std::to_string(descriptor_);
  return ::access(name.c_str(), R_OK) == 0 ? name : "";
}

TESSERA_INLINE std::size_t RegularFile::read(std::uint64_t at, void* to, std::size_t count) const {
  std::size_t done = 0;
  if (at >= size_) return 0;
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - at));
  while (done < count) {
    const auto got = ::pread(descriptor_, static_cast<char*>(to) + done, count - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path_ + ": cannot be read (" + std::strerror(errno) + "); check the disk");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

TESSERA_INLINE void RegularFile::require_regular(mode_t mode, const std::string& wanted) const {
  if (S_ISDIR(mode)) throw Error(path_ + ": is a folder; give " + wanted);
  if (!S_ISREG(mode)) throw Error(path_ + ": is not a regular file; give " + wanted);
}

TESSERA_INLINE void RegularFile::cannot_open(int why) const {
  if (why == ENOENT || why == ENOTDIR) throw Error(path_ + ": there is no such file; check the path");
  if (why == EACCES || why == EPERM) throw Error(path_ + ": cannot be opened; check the permissions");
  throw Error(path_ + ": cannot be opened (" + std::strerror(why) + "); check the path");
}
}  // namespace tessera
