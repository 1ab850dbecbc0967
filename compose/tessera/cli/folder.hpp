#pragma once
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
/// The contents of a folder of the tool: a run's, or a dynamics model's.
struct FolderKind {
  std::string what;                ///< "run"
  std::vector<std::string> files;  ///< its files, in the order in which they are put in place
  std::vector<std::string>
      derived;  ///< files drawn from them, or written by earlier versions: removed when the folder is replaced
  bool (*ours)(const std::string& config);  ///< whether the text of a config.json belongs to this kind
  /// Whether a file that is named in neither list is derived as well, by its name.
  bool (*derived_too)(const std::string& name) = nullptr;

  const std::string& last() const { return files.back(); }  ///< if it exists, the folder is complete
};

/// Another program is working in a folder.
struct Held : Error {
  using Error::Error;
};

/// A folder that this program holds exclusively, until it ends, however it ends.
///
/// Replacements for the folder's files are written into a folder inside it, and take their place in one step: a rename,
/// after which the next program that opens the folder completes whatever a killed program had begun.  Before that step
/// the folder is unchanged.
class HeldFolder {
 public:
  enum class if_held { refuse, wait };
  /// With `make`, for something new: a folder that does not exist is created, and removed again with this object if it
  /// is still empty; foreign files with names of ours are an Error, and then nothing is changed.  Leftovers of killed
  /// programs are removed.
  HeldFolder(std::string path, const FolderKind& kind, bool make, if_held what = if_held::refuse);
  ~HeldFolder();
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&& other) noexcept;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Begins a replacement of the folder's files; its files are written to `staged(name)`.
  void stage();
  std::string staged(const std::string& name) const;
  /// Puts the replacement in place.
  void commit();
  /// Discards the replacement.
  void discard();
  /// In a process that was forked off: this folder is the parent's alone, and is left as it is.
  void leave();

 private:
  void finish() const;
  void clear() const;
  void release();

  std::string path_;
  const FolderKind* kind_;
  std::vector<std::string> made_;  // innermost first
  int file_ = -1;
};

/// Where a program that does not hold the folder should read a file of it: a killed program may not have put the file
/// in place.
std::string file_of(const std::string& folder, const std::string& name);
/// The name of a foreign file in the folder that would be replaced; nothing if there is none.
std::optional<std::string> foreign_file(const std::string& folder, const FolderKind& kind);
/// The text of a small file; nothing if it is not a regular file, cannot be read, or has more than `max` bytes.
std::optional<std::string> small_file(const std::string& path, std::size_t max = 1 << 20);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/folder.hpp>
#endif
