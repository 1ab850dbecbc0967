#pragma once
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <vector>

#include <tessera/cli/environment.hpp>
#include <tessera/cli/registration.hpp>
#include <tessera/cli/say.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>

namespace tessera::cli {
namespace detail {
// Whether it is written as Gymnasium's are, "Hopper-v5".
inline bool has_version(const std::string& name) {
  const auto mark = name.rfind("-v");
  return mark != std::string::npos && mark > 0 && mark + 2 < name.size() &&
         name.find_first_not_of("0123456789", mark + 2) == std::string::npos;
}

// Gymnasium's names: Pendulum-v1 is pendulum.
inline std::string plain_name(std::string name) {
  if (has_version(name)) name.resize(name.rfind("-v"));
  for (char& x : name) x = char(std::tolower(static_cast<unsigned char>(x)));
  return name;
}

// Those that are made of something come last.
inline std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (const bool made : {false, true})
    for (const auto& [name, entry] : environments())
      if (entry.request.empty() != made) names.push_back(made ? name + ":" + entry.request : name);
  return names;
}

inline TaskReading& task_reading() {
  static TaskReading how;
  return how;
}
}  // namespace detail

TESSERA_CLI_INLINE std::map<std::string, EnvironmentEntry>& environments() {
  static std::map<std::string, EnvironmentEntry> all;  // local static: filled by initializers of other files
  return all;
}
TESSERA_CLI_INLINE void add_environment(EnvironmentEntry entry) {
  const auto name = entry.name;
  if (!environments().emplace(name, std::move(entry)).second) registered_twice("environment", name);
}

TESSERA_CLI_INLINE std::string environments_text() {
  std::string all;
  for (const auto& name : detail::environment_names()) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "none" : all;
}

TESSERA_CLI_INLINE std::pair<const EnvironmentEntry&, std::string> find_environment(const std::string& name) {
  const auto colon = name.find(':');
  const auto found = environments().find(name.substr(0, colon));
  const bool known = found != environments().end();
  if (known && found->second.request.empty() == (colon == std::string::npos))
    return {found->second, colon == std::string::npos ? "" : name.substr(colon + 1)};
  if (known && !found->second.request.empty() && !found->second.of_file())
    throw Error("environment " + name + " is one of many; write " + name + ":" + found->second.request);
  if (known && found->second.of_file())
    throw Error("environment " + name + " is read from its file; write " + name + ":PATH" +
                (found->second.file.empty() ? "" : ", with the path of " + found->second.file));
  if (known)
    throw Error("environment " + found->first + " is read from no file; leave out '" + name.substr(colon) + "'");
  auto near = nearest_name(detail::plain_name(name), detail::environment_names());
  if (near.empty() && detail::has_version(name) && environments().contains("gym")) near = "gym:" + name;
  throw Error("unknown environment '" + name + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") +
              " (there are " + environments_text() + ")");
}

TESSERA_CLI_INLINE void read_tasks(const TaskReading& how) { detail::task_reading() = how; }

TESSERA_CLI_INLINE AnyTask open_environment(const std::string& name, std::int64_t observation_size) {
  auto how = detail::task_reading();
  how.observation_size = observation_size;
  const auto [entry, request] = find_environment(name);
  if (how.untrusted && entry.of_file() && !entry.reads_untrusted)
    throw Error("environment " + entry.name + " does not read files of others; leave out --untrusted where you trust " +
                request);
  return entry.open(request, how);
}

TESSERA_CLI_INLINE void require_environment(const std::string& name) {
  if (!find_environment(name).first.request.empty()) open_environment(name);
}

TESSERA_CLI_INLINE void require_environment_named(const std::string& name) {
  const auto [entry, request] = find_environment(name);
  if (entry.check != nullptr) entry.check(request);
  // Reading a file takes a second or more; one that is missing is reported in the same words as by its reader.
  std::error_code code;
  if (entry.of_file() && !std::filesystem::exists(request.substr(0, request.find('?')), code)) open_environment(name);
}

TESSERA_CLI_INLINE void say_warnings(const AnyTask& task, int horizon) {
  for (const auto& w : task.warnings)
    if (horizon == 0 || w.name != "no-time-limit") say("warning [{}]: {}", w.name, w.message);
}

TESSERA_CLI_INLINE void fit_to_environment(Dataset& data, const std::string& environment) {
  const auto task = open_environment(environment, data.observation_size);
  const auto about = data.name + " does not come from " + environment + ": ";
  if ((data.kind == action_kind::discrete) != task.discrete)
    throw Error(about + "its actions are " + (task.discrete ? "continuous" : "discrete") + "; choose another --env");
  if (data.observation_size != task.observation_size)
    throw Error(about + "its observations have size " + std::to_string(data.observation_size) + ", not " +
                std::to_string(task.observation_size) + "; choose another --env");
  if (task.discrete ? data.action_size > task.action_size : data.action_size != task.action_size)
    throw Error(about + "its actions have size " + std::to_string(data.action_size) + ", not " +
                std::to_string(task.action_size) + "; choose another --env");
  if (task.discrete && data.action_size != task.action_size && !data.spaces.action_names.empty())
    throw Error(about + std::to_string(data.action_size) +
                " actions occur in it, with names, and the environment has " + std::to_string(task.action_size) +
                ", so it cannot be said which is which; number them from 0");
  for (const auto& [of, is, there] :
       {std::tuple{"an observation", &data.spaces.observation_names, &task.spaces.observation_names},
        {"the actions", &data.spaces.action_names, &task.spaces.action_names}})
    for (std::size_t j = 0; j < std::min(is->size(), there->size()); ++j)
      if ((*is)[j] != (*there)[j]) {
        say("warning [other-names]: {}: number {} of {} is called '{}', and '{}' in {}: see whether they are the same",
            data.name, j, of, (*is)[j], (*there)[j], environment);
        break;
      }
  data.action_size = task.action_size;
  if (!task.has_limits()) return;
  for (std::size_t j = 0; j < data.action_low.size(); ++j) {
    const float low = task.action_low[j], high = task.action_high[j];
    if (!std::isfinite(low) || !std::isfinite(high)) continue;
    const float slack = 1e-4f * (high - low);
    if (data.action_low[j] < low - slack || data.action_high[j] > high + slack)
      throw Error(about + "its actions reach " + std::to_string(data.action_low[j]) + " .. " +
                  std::to_string(data.action_high[j]) + ", outside " + std::to_string(low) + " .. " +
                  std::to_string(high) + "; choose another --env");
    data.action_low[j] = low, data.action_high[j] = high;
  }
  if (!data.action_low.empty() && task.has_finite_limits()) data.limits_from = limits_origin::environment;
}
}  // namespace tessera::cli
