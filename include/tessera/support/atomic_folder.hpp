#pragma once
#include <string>
#include <utility>

#include <tessera/support/atomic_file.hpp>

namespace tessera {
/// A folder that appears under its name only once everything in it is complete and on the disk: it is filled next to
/// `path` under a temporary name, and `commit` renames it.  Without `commit` it is removed, and `path` is unchanged.  A
/// program that is killed in between leaves the temporary folder, PATH.tmp-NUMBER.
class AtomicFolder {
 public:
  explicit AtomicFolder(const std::string& path);
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  ~AtomicFolder();

  /// The temporary name that it is filled under.
  const std::string& name() const { return name_; }

  /// Syncs all that is in it, and renames it to `path`.  A folder that is there already is replaced: it is gone when
  /// the new one is in place, and not before.
  void commit();

 private:
  Error cannot(const char* what) const;
  void sync() const;

  std::string path_, parent_, name_;
};

/// Calls `fn` with the temporary name of a folder to fill, then moves the folder to `path`.  When `fn` throws, the
/// incomplete folder is removed, `path` is unchanged, and the exception propagates.
template <class Fn>
void write_folder_atomically(const std::string& path, Fn&& fn) {
  AtomicFolder folder(path);
  std::forward<Fn>(fn)(folder.name());
  folder.commit();
}
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/support/atomic_folder.impl.hpp>
#endif
