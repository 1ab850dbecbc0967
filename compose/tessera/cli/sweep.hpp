#pragma once
#include <string>
#include <vector>

#include <tessera/cli/program.hpp>

namespace tessera::cli {
struct SeedsCommand;

/// `tessera sweep`, as it was typed.
struct SweepCommand {
  std::string file;      ///< see sweep_file.hpp
  std::string out;       ///< "": the file's own, or runs/NAME of NAME.toml
  std::string join;      ///< the folder of a sweep that is under way, to take some of its runs; there is no file then
  std::string launcher;  ///< "srun", "mpirun" or "parallel"; "": the runs are this process's
  std::vector<std::string> launcher_flags;  ///< its own
  int processes = 0;                        ///< that it starts; 0: as many as it does by itself
  int threads = 0;                          ///< runs that each process does at a time; 0: one for each of its cores
  double lost_after = 60;  ///< seconds after which the runs of a process that was not heard of are others'
  bool overwrite = false;
};

/// Throws an Error where there is no launcher of that name, or it is not installed.
void require_launcher(const std::string& name);
/// The words of the launcher's command line, which starts `program` with `words`.
std::vector<std::string> launcher_words(const SweepCommand& c, const std::string& program,
                                        const std::vector<std::string>& words);

/// Trains the runs of a sweep, those that have not ended yet, alone or with others (see tasks.hpp), and reports on all
/// as `train_seeds` does; returns the exit code.  The same command again goes on, also with runs that were added to the
/// file.  `runs`: the file as a command of `train`.
int train_sweep(const SweepCommand& c, const SeedsCommand& runs, const Program& program);
/// Takes runs of the sweep in a folder until none is left that nobody does, and says what each comes to.
int join_sweep(const SweepCommand& c, const SeedsCommand& runs, const Program& program);
/// The flags of the runs in such a folder: of `train`, without what each run has of its own.
std::vector<std::string> flags_of_sweep(const std::string& folder);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/sweep.hpp>
#endif
