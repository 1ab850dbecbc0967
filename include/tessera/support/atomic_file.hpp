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

// The suffix of temporary files.  Its digits depend on the name, so that somebody else's `data.tmp-2024` is not taken
// for one of ours.
inline constexpr std::string_view temporary_mark = ".tmp-";
std::uint64_t temporary_number(std::string_view name, std::uint32_t drawn);
bool is_temporary(std::string_view name);

// Whoever writes a temporary file holds a lock on it, which is released when the program ends, however it ends.  Where
// the system has locks that belong to an open file, those are used and not flock's, which HDF5 takes on the files it
// writes.
bool lock_temporary(int fd, bool to_write);
bool synced(int fd);
}  // namespace detail

/// A file that appears under its name only once it is complete and on the disk: it is written next to `path` under a
/// temporary name, and `commit` renames it.  Without `commit` it is removed, and `path` is unchanged.  A program that
/// is killed in between leaves the temporary file, which `clear_temporaries` finds.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  const std::string& path() const { return path_; }
  /// The temporary name that it is written under.
  const std::string& name() const { return name_; }

  /// Writes all of the bytes, or throws an Error.
  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Replaces bytes that have been written.
  void overwrite(std::uint64_t at, std::string_view text);

  /// Syncs the file, renames it to `path`, and syncs the folder.
  void commit();

 private:
  Error cannot(const char* what) const;

  std::string path_, folder_, name_;
  Descriptor file_;
};

/// Calls `fn` with an AtomicFile, or with the temporary name to write to in the folder of `path`, then moves the result
/// into place.  A reader sees the old file or the new one, never half of one, even after a power failure.  When `fn`
/// throws, the incomplete file is removed, `path` is unchanged, and the exception propagates.
template <class Fn>
void write_atomically(const std::string& path, Fn&& fn) {
  AtomicFile file(path);
  if constexpr (std::invocable<Fn, AtomicFile&>) std::forward<Fn>(fn)(file);
  else std::forward<Fn>(fn)(file.name());
  file.commit();
}

/// Removes the temporary files that killed programs left in a folder (not in its subfolders), and returns how many
/// there were.  Files that a running program is still writing are locked, and stay; so does everything that merely
/// looks similar: see `temporary_number`.  Where the file system has no locks, nothing is removed.
std::size_t clear_temporaries(const std::string& folder);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/atomic_file.impl.hpp>
#endif
