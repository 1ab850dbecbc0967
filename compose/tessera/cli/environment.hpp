#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <type_traits>
#include <utility>

#include <tessera/cli/any_task.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/concepts/environment.hpp>
#include <tessera/dataset/dataset.hpp>
#include <tessera/support/read_limits.hpp>

namespace tessera::cli {
/// How to read a task's file.
struct TaskReading {
  std::int64_t observation_size = 0;  ///< the size of an observation, if it can be chosen; 0: any
  ReadLimits limits{};
  bool untrusted = false;  ///< the file may be malicious: read it in a separate process
};

/// Tasks that are made of a text, mostly the path of a file, which --env names as NAME:REQUEST.
///   `name`                    NAME
///   `open(request, reading)`  the task, or an `AnyTask`; throws an `Error` that says what is wrong with the request or
///                             the file
///   `request`                 optional: what a request is, if it is not the path of a file ("PATH")
///   `check(request)`          optional: throws for a request that is wrong as it is written
///   `file`                    optional: what the file is called, for the message if it is missing
///   `reads_untrusted`         optional, true: `open` obeys `reading.untrusted`.  For any other task that is read from
///                             a file the command line rejects --untrusted
template <class E>
concept TaskFile = requires(const std::string& request, const TaskReading& reading) {
  { E::name } -> std::convertible_to<const char*>;
  E::open(request, reading);
  requires Task<decltype(E::open(request, reading))> || std::same_as<decltype(E::open(request, reading)), AnyTask>;
};

/// One environment of the table.
struct EnvironmentEntry {
  std::string name;
  std::string request{};  ///< what it is made of: "PATH", the path of a file, "NAME"; empty: nothing
  bool reads_untrusted = false;
  std::string file{};  ///< the name of the file, for messages
  void (*check)(const std::string& request) = nullptr;
  std::function<AnyTask(const std::string& request, const TaskReading& reading)> open{};

  bool of_file() const { return request == "PATH"; }
};

/// All registered environments, by name.
std::map<std::string, EnvironmentEntry>& environments();
void add_environment(EnvironmentEntry entry);

/// Adds an environment, or tasks that are made of a request, to the table:  `const Environment<Pendulum> pendulum;`  in
/// a source file.
template <class E>
  requires(tessera::Environment<E> || TaskFile<E>)
struct Environment {
  Environment() {
    EnvironmentEntry entry{E::name};
    if constexpr (TaskFile<E>) {
      entry.request = "PATH";
      if constexpr (requires { E::request; }) entry.request = E::request;
      if constexpr (requires { E::check(std::string{}); }) entry.check = &E::check;
      if constexpr (requires { E::file; }) entry.file = E::file;
      if constexpr (requires { E::reads_untrusted; }) entry.reads_untrusted = E::reads_untrusted;
      entry.open = [](const std::string& request, const TaskReading& reading) {
        if constexpr (std::is_same_v<decltype(E::open(request, reading)), AnyTask>) return E::open(request, reading);
        else return AnyTask::of(E::open(request, reading));
      };
    } else {
      entry.open = [](const std::string&, const TaskReading&) { return AnyTask::of(TaskOf<E>{}); };
    }
    add_environment(std::move(entry));
  }
};

/// "cartpole, pendulum, icu-sepsis:PATH".
std::string environments_text();
/// The entry that a name given to --env refers to, and the text after the colon.  Throws an Error if there is none.
std::pair<const EnvironmentEntry&, std::string> find_environment(const std::string& name);
/// Sets how task files are read from now on, in the binary that calls it.
void read_tasks(const TaskReading& how);
/// The task of that name; if it can be observed in several ways, the one with observations of that size.
AnyTask open_environment(const std::string& name, std::int64_t observation_size = 0);
/// The same without opening it, if its file is there: what is seen at once.
void require_environment_named(const std::string& name);
/// Says what is odd about a task; of its time limit only where `horizon` does not say another.
void say_warnings(const AnyTask& task, int horizon);
/// Throws an Error if no environment has the name, or if its file is not valid.
void require_environment(const std::string& name);
/// Checks a data set against the environment it is meant for: sizes must agree, and its actions must lie inside the
/// environment's limits, which then replace the observed range as the policy's limits.
void fit_to_environment(Dataset& data, const std::string& environment);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/environment.hpp>
#endif
