#pragma once
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <utility>

#include <tessera/data/error.hpp>

namespace tessera {
/// Calls `fn(name)` with a fresh name in the folder of `path`, lets it write that file, then renames it to
/// `path`.  A reader sees the old file or the new one, never half of one.  When `fn` throws, the
/// half-written file is removed, `path` is as before, and the exception goes on.
/// Not synced to the disk: this guards against a program that stops, not against a machine that does.
template <class Fn>
void write_atomically(const std::string& path, Fn&& fn) {
  namespace fs = std::filesystem;
  const fs::path target(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::error_code code;
  if (target.filename().empty() || fs::is_directory(target, code))
    throw Error(path + ": names a folder; give the name of a file to write");
  if (!fs::is_directory(folder, code))
    throw Error(path + ": the folder '" + folder.string() + "' does not exist; create it first");

  std::random_device entropy;  // two programs may write the same file at once
  const fs::path temporary = path + ".tmp-" + std::to_string(entropy());
  try {
    std::forward<Fn>(fn)(temporary.string());
    fs::rename(temporary, target, code);
    if (code)
      throw Error(path + ": cannot be put in place (" + code.message() + "); check the folder's permissions");
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}
}  // namespace tessera
