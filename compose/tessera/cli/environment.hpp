#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include <tessera/cli/any_task.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera::cli {
/// How a task's file is to be read.
struct TaskReading {
  std::int64_t observation_size = 0;  ///< how many numbers a state is to be seen as, where that may be chosen; 0: any
  ReadLimits limits{};
  bool untrusted = false;  ///< the file may have been made to do harm: it is to be read in a process of its own
};

/// A task that is read from a file, which --env names as NAME:REQUEST.
///   `name`                    NAME
///   `open(request, reading)`  the task; what is wrong with the request or the file is an `Error`
///   `file`                    optional: what the file is called, for who forgets it
///   `reads_untrusted`  optional, true: `open` obeys `reading.untrusted`.  Of any other the command line refuses
///       --untrusted
template <class E>
concept TaskFile = requires(const std::string& request, const TaskReading& reading) {
  { E::name } -> std::convertible_to<const char*>;
  { E::open(request, reading) } -> Task;
};

/// One environment of the table.
struct EnvironmentEntry {
  std::string name;
  bool of_file = false;
  bool reads_untrusted = false;
  std::string file{};  ///< what the file is called
  std::function<AnyTask(const std::string& request, const TaskReading& reading)> open{};
};

/// All environments that are registered, by name.
std::map<std::string, EnvironmentEntry>& environments();
void add_environment(EnvironmentEntry entry);

/// Puts an environment, or a task that is read from a file, into the table:  `const Environment<Pendulum> pendulum;`
/// in a source file.
template <class E>
  requires(tessera::Environment<E> || TaskFile<E>)
struct Environment {
  Environment() {
    EnvironmentEntry entry{E::name};
    if constexpr (TaskFile<E>) {
      entry.of_file = true;
      if constexpr (requires { E::file; }) entry.file = E::file;
      if constexpr (requires { E::reads_untrusted; }) entry.reads_untrusted = E::reads_untrusted;
      entry.open = [](const std::string& request, const TaskReading& reading) {
        return AnyTask::of(E::open(request, reading));
      };
    } else {
      entry.open = [](const std::string&, const TaskReading&) { return AnyTask::of(TaskOf<E>{}); };
    }
    add_environment(std::move(entry));
  }
};

/// "cartpole, pendulum, icu-sepsis:PATH".
std::string environments_text();
/// Of a name as --env has it, the entry that it means and what stands after the colon.  Throws Error where there is
/// none.
std::pair<const EnvironmentEntry&, std::string> find_environment(const std::string& name);
/// From now on the files of tasks are read so.  Of either of a program's two binaries: for the one that calls it.
void read_tasks(const TaskReading& how);
/// The task of that name; of those that it may be seen as, the one with observations of that size.
AnyTask open_environment(const std::string& name, std::int64_t observation_size = 0);
/// Throws Error where no environment has the name, or its file is not what it should be.
void require_environment(const std::string& name);
/// Fits a data set to the environment it is meant for: sizes must agree, and its actions must lie inside the
/// environment's limits, which then replace the largest actions seen as the policy's range.
void fit_to_environment(Dataset& data, const std::string& environment);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/environment.hpp>
#endif
