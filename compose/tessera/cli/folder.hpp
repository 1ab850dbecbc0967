#pragma once
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>
#include <tessera/support/error.hpp>

namespace tessera::cli {
/// What a folder of ours holds: a run's, or a dynamics model's.
struct FolderKind {
  std::string what;                ///< "run"
  std::vector<std::string> files;  ///< those that make it, in the order in which they are put in place
  std::vector<std::string>
      derived;  ///< those that are drawn of them, or were written by earlier versions: gone when others take its place
  bool (*ours)(const std::string& config);  ///< whether the text of a config.json is one of this kind

  const std::string& last() const { return files.back(); }  ///< by which it is known to be whole
};

/// Another program is at work in a folder.
struct Held : Error {
  using Error::Error;
};

/// A folder that this program holds for itself: no other holds it until this one ends, however it ends.
///
/// What is to replace what the folder has is written into a folder inside it, and takes its place in one step: a
/// renaming, after which whoever opens the folder next finishes what a program that was killed had begun.  Before that
/// step the folder is as it was.
class HeldFolder {
 public:
  enum class if_held { refuse, wait };
  /// With `make` for something new: a folder that is not there is made, and is gone again with this object as long as
  /// it is empty; files of somebody else's that have names of ours are an Error, and nothing is changed then.
  /// Left-overs of programs that were killed are cleared.
  HeldFolder(std::string path, const FolderKind& kind, bool make, if_held what = if_held::refuse);
  ~HeldFolder();
  HeldFolder(HeldFolder&& other) noexcept;
  HeldFolder& operator=(HeldFolder&& other) noexcept;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  /// Begins what is to replace the folder's files; its files are written to `staged(name)`.
  void stage();
  std::string staged(const std::string& name) const;
  /// Puts it in place.
  void commit();
  /// Takes it back.
  void discard();

 private:
  void finish() const;
  void clear() const;
  void release();

  std::string path_;
  const FolderKind* kind_;
  std::vector<std::string> made_;  // the inner ones first
  int file_ = -1;
};

/// Where a folder's file is to be read by a program that does not hold the folder: one that was killed may not have put
/// it in place.
std::string file_of(const std::string& folder, const std::string& name);
/// What of the folder is not ours and would be replaced, by its name; nothing where there is none.
std::optional<std::string> foreign_file(const std::string& folder, const FolderKind& kind);
/// The text of a small file; nothing where it is not a regular file, cannot be read, or has more than `max` bytes.
std::optional<std::string> small_file(const std::string& path, std::size_t max = 1 << 20);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/folder.hpp>
#endif
