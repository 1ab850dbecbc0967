#pragma once

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <tessera/support/descriptor.hpp>
#include <tessera/support/error.hpp>

namespace tessera {
namespace detail {
inline std::string system_reason() { return std::generic_category().message(errno); }

// What temporary files end in: digits that depend on the name, so that nobody else's `data.tmp-2024` is taken for one
// of ours.
inline constexpr std::string_view temporary_mark = ".tmp-";
std::uint64_t temporary_number(std::string_view name, std::uint32_t drawn);
bool is_temporary(std::string_view name);

// Who writes a temporary file holds a lock on it, which ends with the program however it ends.  Where there are locks
// that are an open file's, they are taken, not flock's, which HDF5 takes on what it writes.
bool lock_temporary(int fd, bool to_write);
bool synced(int fd);
}  // namespace detail

/// A file that appears under its name only when it is whole and on the disk: it is written beside `path` under another
/// name, and `commit` puts it in place.  Without commit it is gone, and `path` is as before.  A program that is killed
/// in between leaves the other file, which `clear_temporaries` finds.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  const std::string& path() const { return path_; }
  /// The name that it is written under.
  const std::string& name() const { return name_; }

  /// All of the bytes, or an Error.
  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Replaces bytes that were written.
  void overwrite(std::uint64_t at, std::string_view text);

  /// Syncs the file, renames it to `path`, and syncs the folder.
  void commit();

 private:
  Error cannot(const char* what) const;

  std::string path_, folder_, name_;
  Descriptor file_;
};

/// Calls `fn` with an AtomicFile, or with the name that it is to write in the folder of `path`, then puts that in
/// place.  A reader sees the old file or the new one, never half of one, also after a power failure.  When `fn` throws,
/// the half-written file is removed, `path` is as before, and the exception goes on.
template <class Fn>
void write_atomically(const std::string& path, Fn&& fn) {
  AtomicFile file(path);
  if constexpr (std::invocable<Fn, AtomicFile&>) std::forward<Fn>(fn)(file);
  else std::forward<Fn>(fn)(file.name());
  file.commit();
}

/// Removes what killed programs left in a folder (and not in folders within) on their way to an atomic file, and
/// returns how many.  What a running program still writes is locked, and stays; so does all that only looks alike: see
/// `temporary_number`.  Where the file system has no locks nothing is removed.
std::size_t clear_temporaries(const std::string& folder);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/atomic_file.impl.hpp>
#endif
