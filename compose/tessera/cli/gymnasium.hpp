#pragma once
#include <string>
#include <utility>

#include <tessera/cli/any_task.hpp>
#include <tessera/cli/environment.hpp>
#include <tessera/cli/program.hpp>
#include <tessera/env/gymnasium.hpp>

namespace tessera::cli {
/// "Hopper-v5", "my_package:Mine-v0?key=value&key=value", taken apart: the arguments of `gymnasium.make`, and, with a
/// dot so that they are none of those, our own:
///   worker.processes=K   processes of Python that share the copies
///   worker.timeout=S     seconds that one step may take
///   worker.import=A,B    modules that register environments
///   worker.log=FILE      what the environments print
///   worker.memory=pipe   no shared memory
std::pair<std::string, GymnasiumOptions> gymnasium_request(const std::string& request);
/// Whether two requests are for one environment: names and arguments are the same, whatever ours are.
bool same_gymnasium(const std::string& a, const std::string& b);
/// The environment, which stays open in this process.
AnyTask open_gymnasium(const std::string& request);
/// Closes those that are open.
void close_gymnasium();

/// The environments "gym:NAME":  `const Environment<GymnasiumByName> gym;`
struct GymnasiumByName {
  static constexpr const char* name = "gym";
  static constexpr const char* request = "NAME";
  static void check(const std::string& asked) { gymnasium_request(asked); }
  static AnyTask open(const std::string& asked, const TaskReading&) { return open_gymnasium(asked); }
};
static_assert(TaskFile<GymnasiumByName>);
}  // namespace tessera::cli

#if !TESSERA_CLI_COMPILED
#include <tessera/cli/impl/gymnasium.hpp>
#endif
