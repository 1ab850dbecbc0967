#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <tessera/cli/children.hpp>
#include <tessera/cli/program.hpp>

namespace tessera::cli {
/// Work that several processes share, on one machine or on many that see one folder.  A task is a file, and where it
/// lies says what it has come to:
///
///     FOLDER/todo/NAME                  nobody does it
///     FOLDER/taken/NAME@HOST,PID        that process does it, and touches the file every few seconds
///     FOLDER/done/NAME
///     FOLDER/failed/NAME                its text is the exit code and the error
///
/// It goes from one to the next by a rename, which one process alone can make of one file.  What a process has taken
/// and not touched for a while, by the clock of the folder's file system, is given back by whichever sees it: its host
/// is lost, or cut off.
class Tasks {
 public:
  /// `lost_after`: seconds.
  Tasks(std::string folder, double lost_after);
  Tasks(const Tasks&) = delete;
  ~Tasks();

  /// Lays the tasks out: those that are taken stay so, all others of these are to be done.
  void offer(const std::vector<std::string>& names);
  /// Takes one of these that nobody does, the first there is.
  std::optional<std::string> take(const std::vector<std::string>& names);
  void done(const std::string& name);
  /// `end`: how it failed.
  void failed(const std::string& name, const ChildEnd& end);
  /// Says that this process is alive; every few seconds.  Returns those that it has lost, because it was not heard of
  /// for so long that others may have taken them.
  std::vector<std::string> touch();
  /// Gives back what others have taken and left; the names, with their hosts.
  std::vector<std::string> give_back();
  /// Whether anything is not done yet, by anybody.
  bool open() const;
  /// How one failed, if it did.
  std::optional<ChildEnd> failure(const std::string& name) const;
  /// How many seconds may pass between two looks at what others do, and between two signs of life.
  double patience() const { return std::min(1.0, lost_after_ / 6); }
  /// In a process that was forked off: what was taken is the parent's.
  void leave() { held_.clear(), who_.clear(); }

 private:
  std::string file(const char* state, const std::string& name) const { return folder_ + "/" + state + "/" + name; }
  std::string mine(const std::string& name) const { return name + "@" + who_; }
  double seconds_of_folder() const;

  std::string folder_, who_;  // "HOST,PID"
  double lost_after_;
  std::vector<std::string> held_;
};
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/tasks.hpp>
#endif
