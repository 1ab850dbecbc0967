#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <tessera/support/error.hpp>
#include <tessera/support/printable.hpp>

namespace tessera {
/// A regular file, opened for reading.  A pipe or a device is refused without waiting for it, both before and after it
/// is opened.  `wanted` is what errors ask for: "an HDF5 file".
class RegularFile {
 public:
  RegularFile(std::string path, const std::string& wanted);
  RegularFile(RegularFile&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}
  RegularFile& operator=(RegularFile&& other) noexcept;
  ~RegularFile();

  const std::string& path() const { return path_; }  ///< printable
  std::uint64_t size() const { return size_; }

  /// A name under which a library that opens files by name gets this very file; "" if the system has none.
  std::string same_file() const;

  /// Reads up to `count` bytes starting at `at`; fewer if the file ends before.
  std::size_t read(std::uint64_t at, void* to, std::size_t count) const;

 private:
  void require_regular(mode_t mode, const std::string& wanted) const;
  [[noreturn]] void cannot_open(int why) const;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/regular_file.impl.hpp>
#endif
