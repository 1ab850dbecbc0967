#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <tessera/cli/gymnasium.hpp>
#include <tessera/cli/interrupt.hpp>
#include <tessera/sources/request.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/nearest_name.hpp>
#include <tessera/support/number_text.hpp>
#include <tessera/support/printable.hpp>

namespace tessera::cli {
namespace detail {
template <class Space>
AnyTask task_of_gymnasium(const Gymnasium& environment) {
  auto out = AnyTask::of(GymnasiumTask<Space>(environment));
  out.name = "gym:" + printable(environment.name());
  out.action_low = environment.action_low(), out.action_high = environment.action_high();
  out.spaces = environment.spaces();
  for (const auto& each : environment.warnings())
    out.warnings.push_back({"gymnasium", out.name + ": " + printable(each)});
  if (!environment.has_time_limit())
    out.warnings.push_back({"no-time-limit", out.name + " has no time limit of its own; an episode is cut after " +
                                                 std::to_string(environment.default_horizon()) +
                                                 " steps, or those of --horizon"});
  out.film = [environment](std::uint64_t seed, int horizon, auto actions, auto indices, const auto& shown,
                           const std::string& format) {
    return environment.film(seed, horizon, actions, indices, shown, format);
  };
  return out;
}

// Whether an environment is still waited for: after a signal, it has three seconds to finish what it is at.
class WithinSecondsOfASignal {
 public:
  bool operator()() {
    using clock = std::chrono::steady_clock;
    if (!interrupted()) return true;
    if (!since_) since_ = clock::now();
    return clock::now() - *since_ < std::chrono::seconds(3);
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> since_{};
};
}  // namespace detail

TESSERA_CLI_INLINE std::pair<std::string, GymnasiumOptions> gymnasium_request(const std::string& request) {
  static const std::vector<std::string> ours = {"worker.processes", "worker.timeout", "worker.import", "worker.log",
                                                "worker.memory"};
  const DataRequest given("gym:" + request);  // as the options of a data set are written
  const auto& about = given.path();
  const auto name = about.substr(4);
  if (name.empty()) throw Error("environment gym: has no name; write gym:NAME, such as gym:Pendulum-v1");
  GymnasiumOptions o;
  for (const auto& [key, value] : given.options()) {
    const auto number = [&, &key = key, &value = value](double least, double most) {
      const auto x = real_number(value);
      if (!x || !(*x >= least && *x <= most))
        throw Error(fmt::format("{}: {} is '{}'; give a number from {} to {}", about, key, value, least, most));
      return *x;
    };
    if (key == "worker.processes") {
      o.processes = int(number(1, 1024));
    } else if (key == "worker.timeout") {
      o.seconds = number(0.01, 1e6);
    } else if (key == "worker.log") {
      o.log = value;
    } else if (key == "worker.memory" && (value == "pipe" || value == "shared")) {
      o.shared_memory = value == "shared";
    } else if (key == "worker.import") {
      for (std::size_t from = 0; from <= value.size();) {
        const auto comma = std::min(value.find(',', from), value.size());
        o.imports.push_back(value.substr(from, comma - from));
        from = comma + 1;
      }
    } else if (key.find('.') != std::string::npos) {
      const auto near = nearest_name(key, ours);
      throw Error(
          fmt::format("{}: there is no '{}={}'{} (there are worker.processes=K, worker.timeout=SECONDS, "
                      "worker.import=MODULE, worker.log=FILE and worker.memory=pipe)",
                      about, key, value, near.empty() || near == key ? "" : "; did you mean '" + near + "'?"));
    } else {
      o.arguments.emplace_back(key, value);
    }
  }
  return {name, o};
}

TESSERA_CLI_INLINE bool same_gymnasium(const std::string& a, const std::string& b) {
  const auto [name, options] = gymnasium_request(a);
  const auto [other_name, other] = gymnasium_request(b);
  return name == other_name && options.arguments == other.arguments;
}

namespace detail {
// A run asks for its environment at every evaluation.
inline std::map<std::string, Gymnasium>& open_ones() {
  static std::map<std::string, Gymnasium> open;
  return open;
}
}  // namespace detail

TESSERA_CLI_INLINE void close_gymnasium() { detail::open_ones().clear(); }

TESSERA_CLI_INLINE AnyTask open_gymnasium(const std::string& request) {
  auto& open = detail::open_ones();
  auto found = open.find(request);
  if (found == open.end()) {
    auto [name, options] = gymnasium_request(request);
    options.wanted = detail::WithinSecondsOfASignal();
    found = open.emplace(request, Gymnasium(std::move(name), std::move(options))).first;
  }
  const auto& environment = found->second;
  return environment.discrete() ? detail::task_of_gymnasium<Discrete>(environment)
                                : detail::task_of_gymnasium<Continuous>(environment);
}
}  // namespace tessera::cli
